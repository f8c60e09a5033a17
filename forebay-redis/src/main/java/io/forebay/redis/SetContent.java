package io.forebay.redis;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.forebay.ForebayException;
import io.forebay.codec.PendingCodec;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.MismatchException;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a set of rows looks like in Redis; {@link BufferScripts#APPEND} has the other half. Bytes of Redis are read as
 * Latin-1 text, one character each.
 */
final class SetContent {
    private static final String BETWEEN = "\0";
    private static final String AROUND = "\0\0";
    private static final byte[] NOT_COUNTED = {};
    /** Two of them cannot leave 64 bits, so Redis can take back what it has added. */
    private static final long MOST_COUNTED = 1L << 62;

    private SetContent() {}

    /** Key, shape and content of each row, then rows without a key. */
    static List<byte[]> arguments(SharedWindow window) {
        List<byte[]> arguments = new ArrayList<>();
        for (PendingRow row : window.rows()) {
            arguments.add(PendingCodec.encodeKey(row.key()));
            if (isCounted(row.stages())) addCounters(row.stages().get(0), arguments);
            else {
                arguments.add(NOT_COUNTED);
                arguments.add(PendingCodec.encodeStages(row.stages()));
            }
        }
        for (PendingAppend append : window.appends()) arguments.add(PendingCodec.encodeAppend(append));
        return arguments;
    }

    /** Whether a row is only counted: sums of 64 bits are all that Redis can make. */
    private static boolean isCounted(List<Stage> stages) {
        Stage stage = stages.get(0);
        if (stages.size() > 1 || stage.columns().isEmpty()) return false;
        if (stage.kind() != Stage.Kind.UPDATE && stage.kind() != Stage.Kind.UPSERT) return false;
        return stage.columns().entrySet().stream()
                .allMatch(column -> isCounted(column.getValue())
                        && !column.getKey().isEmpty()
                        && !column.getKey().contains(BETWEEN));
    }

    private static boolean isCounted(ColumnChange change) {
        return change instanceof Add add
                && add.delta() instanceof Long delta
                && delta <= MOST_COUNTED
                && delta >= -MOST_COUNTED;
    }

    private static void addCounters(Stage stage, List<byte[]> arguments) {
        String columns = String.join(BETWEEN, stage.columns().keySet());
        arguments.add((kindName(stage.kind()) + columns).getBytes(UTF_8));
        arguments.add(stage.columns().values().stream()
                .map(change -> ((Add) change).delta().toString())
                .collect(Collectors.joining(","))
                .getBytes(UTF_8));
    }

    private static char kindName(Stage.Kind kind) {
        return kind == Stage.Kind.UPDATE ? 'U' : 'P';
    }

    /**
     * Reads what Redis has answered.
     *
     * @param what names it in the message
     * @throws MismatchException if it is damaged, or of a version that is not known here
     */
    static <T> T reading(String what, Supplier<T> content) {
        try {
            return content.get();
        } catch (ForebayException
                | IllegalArgumentException
                | IllegalStateException
                | IndexOutOfBoundsException
                | ClassCastException e) {
            throw new MismatchException(what + " in Redis cannot be read: " + e.getMessage(), e);
        }
    }

    /** All rows of a set, a row once for each of its stages or entries, which are not merged. */
    static List<PendingRow> rows(List<?> headers, List<?> values) {
        Map<String, byte[]> byField = byField(values);
        List<PendingRow> rows = new ArrayList<>();
        for (int i = 0; i < headers.size(); i += 2) {
            var key = PendingCodec.decodeKey((byte[]) headers.get(i));
            for (List<Stage> stages : changes((byte[]) headers.get(i + 1), byField))
                rows.add(new PendingRow(key, stages));
        }
        return rows;
    }

    /** What is to be done with one row, in order. */
    static List<Stage> stages(byte[] header, List<?> values) {
        return changes(header, byField(values)).stream().flatMap(List::stream).toList();
    }

    static List<PendingAppend> appends(List<?> appends) {
        return appends.stream()
                .map(append -> PendingCodec.decodeAppend((byte[]) append))
                .toList();
    }

    private static Map<String, byte[]> byField(List<?> values) {
        Map<String, byte[]> byField = new HashMap<>();
        for (int i = 0; i < values.size(); i += 2)
            byField.put(latin((byte[]) values.get(i)), (byte[]) values.get(i + 1));
        return byField;
    }

    private static List<List<Stage>> changes(byte[] header, Map<String, byte[]> values) {
        String text = latin(header);
        int behind = text.indexOf(AROUND);
        String[] indexAndEntries = text.substring(0, behind).split(":");
        String row = indexAndEntries[0];
        List<List<Stage>> changes = new ArrayList<>();
        int from = behind + AROUND.length();
        for (int to = text.indexOf(AROUND, from); to >= 0; to = text.indexOf(AROUND, from)) {
            changes.add(List.of(counted(row, text.substring(from, to), values)));
            from = to + AROUND.length();
        }
        for (int i = 1; i <= Integer.parseInt(indexAndEntries[1]); i++)
            changes.add(entry(value(values, row + "#" + i)));
        return changes;
    }

    private static Stage counted(String row, String shape, Map<String, byte[]> values) {
        int columns = shape.split(BETWEEN).length;
        List<String> sums = new ArrayList<>();
        for (int i = 1; i <= columns; i++) sums.add(latin(value(values, row + ":" + i + ":" + shape)));
        return stage(shape, sums.toArray(String[]::new));
    }

    private static List<Stage> entry(byte[] entry) {
        String text = latin(entry);
        if (text.charAt(0) == 'S')
            return PendingCodec.decodeStages(text.substring(1).getBytes(ISO_8859_1));
        int end = text.indexOf(AROUND);
        return List.of(stage(
                text.substring(1, end), text.substring(end + AROUND.length()).split(",")));
    }

    private static Stage stage(String shape, String[] sums) {
        String[] names = new String(shape.substring(1).getBytes(ISO_8859_1), UTF_8).split(BETWEEN);
        Map<String, ColumnChange> columns = new TreeMap<>();
        for (int i = 0; i < names.length; i++) columns.put(names[i], new Add(Long.parseLong(sums[i])));
        return new Stage(shape.charAt(0) == 'U' ? Stage.Kind.UPDATE : Stage.Kind.UPSERT, columns);
    }

    private static byte[] value(Map<String, byte[]> values, String field) {
        byte @Nullable [] value = values.get(field);
        if (value == null) throw new IllegalStateException("a set in Redis lacks a value of one of its rows");
        return value;
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, ISO_8859_1);
    }
}
