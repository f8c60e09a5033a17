package io.forebay.internal.codec;

import io.forebay.internal.mutation.Columns;
import io.forebay.spi.Bytes;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.ColumnChange.Max;
import io.forebay.spi.ColumnChange.Min;
import io.forebay.spi.ColumnChange.Operations;
import io.forebay.spi.ColumnChange.Set;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Pending rows and appends as bytes; the layout is in docs/journal-format.md. */
public final class RowCodec {
    private static final Stage.Kind[] KINDS = Stage.Kind.values();

    private RowCodec() {}

    public static void writeRow(ByteWriter out, RowKey key, List<Stage> stages) {
        writeKey(out, key);
        out.writeUnsigned(stages.size());
        for (Stage stage : stages) writeStage(out, stage);
    }

    public static PendingRow readRow(ByteReader in) {
        RowKey key = readKey(in);
        int count = in.readCount();
        if (count == 1) return new PendingRow(key, List.of(readStage(in)));
        List<Stage> stages = new ArrayList<>(count);
        for (int i = 0; i < count; i++) stages.add(readStage(in));
        return new PendingRow(key, stages);
    }

    public static void writeAppend(ByteWriter out, PendingAppend append) {
        out.writeName(append.table());
        out.writeUnsigned(append.columns().size());
        for (Map.Entry<String, @Nullable Object> column : append.columns().entrySet()) {
            out.writeName(column.getKey());
            ValueCodec.write(out, column.getValue());
        }
    }

    public static PendingAppend readAppend(ByteReader in) {
        String table = in.readName();
        int count = in.readCount();
        String[] names = new String[count];
        @Nullable Object[] values = new @Nullable Object[count];
        for (int i = 0; i < count; i++) {
            names[i] = in.readName();
            values[i] = ValueCodec.read(in);
        }
        return new PendingAppend(table, RowCodec.<@Nullable Object>ascending(names, values));
    }

    private static <V extends @Nullable Object> Columns<V> ascending(String[] names, V[] values) {
        try {
            return Columns.ascending(names, values);
        } catch (IllegalArgumentException e) {
            throw new CodecException(String.valueOf(e.getMessage()), e);
        }
    }

    public static void writeKey(ByteWriter out, RowKey key) {
        out.writeName(key.table());
        out.writeUnsigned(key.values().size());
        for (Object value : key.values()) ValueCodec.write(out, value);
    }

    public static RowKey readKey(ByteReader in) {
        String table = in.readName();
        int count = in.readCount();
        if (count == 1) return RowKey.of(table, List.of(Objects.requireNonNull(ValueCodec.read(in))));
        List<Object> values = new ArrayList<>(count);
        for (int i = 0; i < count; i++) values.add(Objects.requireNonNull(ValueCodec.read(in)));
        return RowKey.of(table, values);
    }

    public static void writeStage(ByteWriter out, Stage stage) {
        out.writeByte(stage.kind().code());
        out.writeUnsigned(stage.columns().size());
        for (Map.Entry<String, ColumnChange> column : stage.columns().entrySet()) {
            out.writeName(column.getKey());
            writeChange(out, column.getValue());
        }
    }

    public static Stage readStage(ByteReader in) {
        Stage.Kind kind = kind(in.readByte());
        int count = in.readCount();
        String[] names = new String[count];
        ColumnChange[] changes = new ColumnChange[count];
        for (int i = 0; i < count; i++) {
            names[i] = in.readName();
            changes[i] = readChange(in);
        }
        return new Stage(kind, ascending(names, changes));
    }

    private static Stage.Kind kind(byte code) {
        for (Stage.Kind kind : KINDS) if (kind.code() == code) return kind;
        throw new CodecException("unknown stage code " + code, null);
    }

    private static void writeChange(ByteWriter out, ColumnChange change) {
        out.writeByte(change.code());
        if (change instanceof Set set) ValueCodec.write(out, set.value());
        else if (change instanceof Add add) ValueCodec.write(out, add.delta());
        else if (change instanceof Max max) ValueCodec.write(out, max.value());
        else if (change instanceof Min min) ValueCodec.write(out, min.value());
        else if (change instanceof Operations operations) ValueCodec.write(out, operations.content());
    }

    private static ColumnChange readChange(ByteReader in) {
        byte code = in.readByte();
        Object value = ValueCodec.read(in);
        return switch (code) {
            case 1 -> new Set(value);
            case 2 -> new Add((Number) Objects.requireNonNull(value));
            case 3 -> new Max(Objects.requireNonNull(value));
            case 4 -> new Min(Objects.requireNonNull(value));
            case 16 -> new Operations((Bytes) Objects.requireNonNull(value));
            default -> throw new CodecException("unknown change code " + code, null);
        };
    }
}
