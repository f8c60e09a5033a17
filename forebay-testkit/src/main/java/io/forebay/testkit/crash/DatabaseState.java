package io.forebay.testkit.crash;

import io.forebay.testkit.crash.WriterModel.Values;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * What the database holds, counted by plain JDBC.
 *
 * @param rows by writer, then by key
 * @param audit by writer, then by the write's number: how often it is there
 * @param hot by key
 */
record DatabaseState(
        Map<Long, Map<Long, Values>> rows, Map<Long, Map<Long, Integer>> audit, Map<Long, Long> hot, long deadLetters) {

    private interface Reader {
        void read(ResultSet row) throws SQLException;
    }

    static DatabaseState read(DataSource dataSource) {
        DatabaseState state = new DatabaseState(new HashMap<>(), new HashMap<>(), new HashMap<>(), 0);
        long[] letters = new long[1];
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            each(statement, "SELECT id, hits, peak, last_write, note FROM crash_row", state::addRow);
            each(statement, "SELECT writer, n, count(*) FROM crash_audit GROUP BY writer, n", state::addAudit);
            each(statement, "SELECT id, hits FROM crash_hot", row -> state.hot.put(row.getLong(1), row.getLong(2)));
            if (hasDeadLetters(connection))
                each(statement, "SELECT count(*) FROM forebay_dead_letter", row -> letters[0] = row.getLong(1));
        } catch (SQLException e) {
            throw new IllegalStateException("the database could not be read", e);
        }
        return new DatabaseState(state.rows, state.audit, state.hot, letters[0]);
    }

    static DatabaseState of(CrashTables found) {
        DatabaseState state = new DatabaseState(new HashMap<>(), new HashMap<>(), new HashMap<>(), found.deadLetters());
        for (Map<String, Object> row : found.rows()) {
            Values values = new Values(
                    number(row, "hits"), number(row, "peak"), number(row, "last_write"), (String) row.get("note"));
            state.add(required(row, "id"), values);
        }
        for (Map<String, Object> row : found.audit())
            state.audit
                    .computeIfAbsent(required(row, "writer"), writer -> new TreeMap<>())
                    .merge(required(row, "n"), 1, Integer::sum);
        for (Map<String, Object> row : found.hot()) {
            Long hits = number(row, "hits");
            state.hot.put(required(row, "id"), hits == null ? 0 : hits);
        }
        return state;
    }

    private static long required(Map<String, Object> row, String column) {
        return Objects.requireNonNull(number(row, column), column);
    }

    private static @Nullable Long number(Map<String, Object> row, String column) {
        return row.get(column) instanceof Number number ? number.longValue() : null;
    }

    /** A child that died early may not have created them yet; another database of the server may have some. */
    private static boolean hasDeadLetters(Connection connection) throws SQLException {
        for (String name : new String[] {"forebay_dead_letter", "FOREBAY_DEAD_LETTER"})
            try (ResultSet tables = connection.getMetaData().getTables(connection.getCatalog(), null, name, null)) {
                if (tables.next()) return true;
            }
        return false;
    }

    private static void each(Statement statement, String sql, Reader reader) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) reader.read(rows);
        }
    }

    private void addRow(ResultSet row) throws SQLException {
        long id = row.getLong(1);
        Values values = new Values(number(row, 2), number(row, 3), number(row, 4), row.getString(5));
        add(id, values);
    }

    private void add(long id, Values values) {
        rows.computeIfAbsent(id / WriteScript.ROWS, writer -> new TreeMap<>()).put(id, values);
    }

    private static @Nullable Long number(ResultSet row, int column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? null : value;
    }

    private void addAudit(ResultSet row) throws SQLException {
        audit.computeIfAbsent(row.getLong(1), writer -> new TreeMap<>()).put(row.getLong(2), row.getInt(3));
    }
}
