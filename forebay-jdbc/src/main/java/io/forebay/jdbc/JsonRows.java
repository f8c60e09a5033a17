package io.forebay.jdbc;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows as JSON arrays of arrays, each array short enough for one statement. */
final class JsonRows {
    private JsonRows() {}

    /**
     * Rows that travel together.
     *
     * @param first index of the first
     * @param json an array with one array per row
     */
    record Chunk(int first, String json) {}

    /** One row: nulls, booleans (as 1 and 0), {@link Long}s as numbers; everything else as a string. */
    static String row(List<? extends @Nullable Object> values) {
        StringBuilder json = new StringBuilder("[");
        for (int i = 0; i < values.size(); i++) {
            if (i > 0) json.append(',');
            append(json, values.get(i));
        }
        return json.append(']').toString();
    }

    /** In order, as many rows in each as {@link #quotedBytes} allow; a row that is longer has a chunk of its own. */
    static List<Chunk> chunks(List<String> rows, long maxBytes) {
        List<Chunk> chunks = new ArrayList<>();
        StringBuilder json = new StringBuilder();
        int first = 0;
        long bytes = 0;
        for (int i = 0; i < rows.size(); i++) {
            long more = quotedBytes(rows.get(i)) + 1;
            if (i > first && bytes + more > maxBytes) {
                chunks.add(new Chunk(first, json.append(']').toString()));
                json = new StringBuilder();
                first = i;
                bytes = 0;
            }
            json.append(i == first ? '[' : ',').append(rows.get(i));
            bytes += more;
        }
        if (first < rows.size()) chunks.add(new Chunk(first, json.append(']').toString()));
        return chunks;
    }

    /** How long the text is as a literal in a statement, where quotes and backslashes are doubled. */
    static long quotedBytes(String text) {
        long bytes = text.getBytes(StandardCharsets.UTF_8).length;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\' || c == '\'') bytes++;
        }
        return bytes;
    }

    private static void append(StringBuilder json, @Nullable Object value) {
        if (value == null) json.append("null");
        else if (value instanceof Long) json.append(value);
        else if (value instanceof Boolean bool) json.append(bool ? '1' : '0');
        else quote(json, value.toString());
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') json.append('\\').append(c);
            else if (c < ' ') json.append("\\u%04x".formatted((int) c));
            else json.append(c);
        }
        json.append('"');
    }
}
