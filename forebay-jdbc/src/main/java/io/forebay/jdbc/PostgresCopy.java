package io.forebay.jdbc;

import io.forebay.spi.Bytes;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/** Rows as COPY takes them, in its text format. The one class that needs PostgreSQL's own driver. */
final class PostgresCopy {
    /** How much is handed to the driver at once. */
    private static final int CHUNK_CHARS = 64 * 1024;

    private static final String NULL = "\\N";

    private PostgresCopy() {}

    /** Whether the connection is one of that driver; a pool may have wrapped it. */
    static boolean takes(Session session) throws SQLException {
        return session.connection().isWrapperFor(PGConnection.class);
    }

    /** Sends the values of the rows in order; returns how many rows were inserted. */
    static int run(Session session, String sql, List<Shape.Values> rows) throws SQLException {
        session.copying();
        CopyIn copy =
                session.connection().unwrap(PGConnection.class).getCopyAPI().copyIn(sql);
        try {
            StringBuilder text = new StringBuilder(CHUNK_CHARS + CHUNK_CHARS / 4);
            for (Shape.Values row : rows) {
                append(text, row.values());
                if (text.length() >= CHUNK_CHARS) send(copy, text);
            }
            send(copy, text);
            return Math.toIntExact(copy.endCopy());
        } finally {
            if (copy.isActive()) copy.cancelCopy();
        }
    }

    private static void send(CopyIn copy, StringBuilder text) throws SQLException {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        copy.writeToCopy(bytes, 0, bytes.length);
        text.setLength(0);
    }

    private static void append(StringBuilder text, List<@Nullable Object> values) {
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) text.append('\t');
            append(text, values.get(i));
        }
        text.append('\n');
    }

    private static void append(StringBuilder text, @Nullable Object value) {
        if (value == null) text.append(NULL);
        else if (value instanceof Long number) text.append(number.longValue());
        else if (value instanceof Bytes bytes)
            text.append("\\\\x").append(HexFormat.of().formatHex(bytes.toArray()));
        else escape(text, value.toString());
    }

    /** The backslash and the three characters that end a value, a row or the whole copy. */
    private static void escape(StringBuilder text, String value) {
        int clean = 0;
        for (int i = 0; i < value.length(); i++) {
            char escaped = escaped(value.charAt(i));
            if (escaped == 0) continue;
            text.append(value, clean, i).append('\\').append(escaped);
            clean = i + 1;
        }
        text.append(value, clean, value.length());
    }

    private static char escaped(char c) {
        return switch (c) {
            case '\\' -> '\\';
            case '\t' -> 't';
            case '\n' -> 'n';
            case '\r' -> 'r';
            default -> 0;
        };
    }
}
