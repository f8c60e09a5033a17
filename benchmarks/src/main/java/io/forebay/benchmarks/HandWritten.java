package io.forebay.benchmarks;

import java.nio.charset.StandardCharsets;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** The SQL that one would write without a library, each in its fastest form, with keys in ascending order. */
final class HandWritten {
    private HandWritten() {}

    /** Adds the deltas in one statement, its arrays in the binary format. */
    static int updateFromUnnest(Connection connection, long[] ids, long[] deltas) throws SQLException {
        String sql = "UPDATE counters SET value = value + x.delta"
                + " FROM unnest(?, ?) AS x (id, delta) WHERE counters.id = x.id";
        Array idArray = connection.unwrap(PGConnection.class).createArrayOf("int8", ids);
        Array deltaArray = connection.unwrap(PGConnection.class).createArrayOf("int8", deltas);
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, idArray);
            statement.setArray(2, deltaArray);
            return statement.executeUpdate();
        }
    }

    /** Adds the deltas with one statement per row, sent together. */
    static int updateInJdbcBatch(Connection connection, long[] ids, long[] deltas) throws SQLException {
        String sql = "UPDATE counters SET value = value + ? WHERE id = ?";
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < ids.length; i++) {
                statement.setLong(1, deltas[i]);
                statement.setLong(2, ids[i]);
                statement.addBatch();
            }
            return statement.executeBatch().length;
        }
    }

    /** One row of the append-only table. */
    record AuditRow(long id, String who, String what) {}

    /** Copies rows in the text format. */
    static long copy(Connection connection, List<AuditRow> rows) throws SQLException {
        StringBuilder text = new StringBuilder(rows.size() * 32);
        for (AuditRow row : rows)
            text.append(row.id())
                    .append('\t')
                    .append(row.who())
                    .append('\t')
                    .append(row.what())
                    .append('\n');
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        CopyIn copy =
                connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY audit (id, who, what) FROM STDIN");
        try {
            copy.writeToCopy(bytes, 0, bytes.length);
            return copy.endCopy();
        } finally {
            if (copy.isActive()) copy.cancelCopy();
        }
    }
}
