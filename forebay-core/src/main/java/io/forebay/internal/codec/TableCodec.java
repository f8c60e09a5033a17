package io.forebay.internal.codec;

import io.forebay.MissingRow;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Table definitions as bytes, kept in the journal so that it can be replayed before the application declares them. */
public final class TableCodec {
    private TableCodec() {}

    public static void write(ByteWriter out, TableDefinition table) {
        TableInfo info = table.info();
        out.writeName(info.name());
        writeStrings(out, info.key());
        out.writeUnsigned(info.columns().size());
        for (Column column : info.columns().values()) writeColumn(out, column);
        writeStrings(out, info.references());
        out.writeByte(table.missingRow().ordinal());
        writeOptional(out, table.group());
        writeOptional(out, table.routedBy());
        out.writeByte(table.spread() ? 1 : 0);
    }

    public static TableDefinition read(ByteReader in) {
        String name = in.readName();
        List<String> key = readStrings(in);
        int count = in.readCount();
        Map<String, Column> columns = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            Column column = readColumn(in);
            columns.put(column.name(), column);
        }
        TableInfo info = new TableInfo(name, key, columns, readStrings(in));
        MissingRow missingRow = constant(MissingRow.values(), in.readByte());
        return new TableDefinition(info, missingRow, readOptional(in), readOptional(in), in.readByte() == 1);
    }

    private static void writeColumn(ByteWriter out, Column column) {
        out.writeName(column.name());
        writeType(out, column.type());
        out.writeByte(column.nullable() ? 1 : 0);
        out.writeByte(column.absent().ordinal());
    }

    private static Column readColumn(ByteReader in) {
        return new Column(
                in.readName(), readType(in), in.readByte() == 1, constant(Column.Absent.values(), in.readByte()));
    }

    private static void writeType(ByteWriter out, ColumnType type) {
        if (type instanceof ColumnType.Whole whole) {
            out.writeByte(1);
            out.writeSigned(whole.min());
            out.writeSigned(whole.max());
        } else if (type instanceof ColumnType.Decimal decimal) {
            out.writeByte(2);
            out.writeSigned(decimal.precision());
            out.writeSigned(decimal.scale());
        } else if (type instanceof ColumnType.Floating floating) {
            out.writeByte(3);
            out.writeByte(floating.single() ? 1 : 0);
        } else if (type instanceof ColumnType.Bool) {
            out.writeByte(4);
        } else if (type instanceof ColumnType.Text text) {
            out.writeByte(5);
            out.writeUnsigned(text.maxLength());
            out.writeByte(text.padded() ? 1 : 0);
            out.writeByte(text.zeroAllowed() ? 1 : 0);
            out.writeName(text.keyProblem());
        } else if (type instanceof ColumnType.Binary binary) {
            out.writeByte(6);
            out.writeUnsigned(binary.maxLength());
        } else if (type instanceof ColumnType.Date) {
            out.writeByte(7);
        } else if (type instanceof ColumnType.Time time) {
            out.writeByte(8);
            out.writeUnsigned(time.digits());
        } else if (type instanceof ColumnType.Timestamp timestamp) {
            out.writeByte(9);
            out.writeUnsigned(timestamp.digits());
        } else if (type instanceof ColumnType.Moment moment) {
            out.writeByte(10);
            out.writeUnsigned(moment.digits());
        } else if (type instanceof ColumnType.Uuid) {
            out.writeByte(11);
        } else if (type instanceof ColumnType.Json) {
            out.writeByte(12);
        } else if (type instanceof ColumnType.Unsupported unsupported) {
            out.writeByte(13);
            out.writeName(unsupported.databaseType());
        } else if (type instanceof ColumnType.Document document) {
            out.writeByte(14);
            out.writeName(document.form());
        } else if (type instanceof ColumnType.DocumentKey key) {
            out.writeByte(15);
            out.writeName(key.form());
        }
    }

    private static ColumnType readType(ByteReader in) {
        byte code = in.readByte();
        return switch (code) {
            case 1 -> new ColumnType.Whole(in.readSigned(), in.readSigned());
            case 2 -> new ColumnType.Decimal((int) in.readSigned(), (int) in.readSigned());
            case 3 -> new ColumnType.Floating(in.readByte() == 1);
            case 4 -> new ColumnType.Bool();
            case 5 -> new ColumnType.Text(in.readInt(), in.readByte() == 1, in.readByte() == 1, in.readName());
            case 6 -> new ColumnType.Binary(in.readInt());
            case 7 -> new ColumnType.Date();
            case 8 -> new ColumnType.Time(in.readInt());
            case 9 -> new ColumnType.Timestamp(in.readInt());
            case 10 -> new ColumnType.Moment(in.readInt());
            case 11 -> new ColumnType.Uuid();
            case 12 -> new ColumnType.Json();
            case 13 -> new ColumnType.Unsupported(in.readName());
            case 14 -> new ColumnType.Document(in.readName());
            case 15 -> new ColumnType.DocumentKey(in.readName());
            default -> throw new CodecException("unknown column type code " + code, null);
        };
    }

    private static void writeStrings(ByteWriter out, List<String> strings) {
        out.writeUnsigned(strings.size());
        strings.forEach(out::writeName);
    }

    private static List<String> readStrings(ByteReader in) {
        int count = in.readCount();
        List<String> strings = new ArrayList<>(count);
        for (int i = 0; i < count; i++) strings.add(in.readName());
        return strings;
    }

    private static void writeOptional(ByteWriter out, @Nullable String text) {
        out.writeByte(text == null ? 0 : 1);
        if (text != null) out.writeName(text);
    }

    private static @Nullable String readOptional(ByteReader in) {
        return in.readByte() == 0 ? null : in.readName();
    }

    private static <E> E constant(E[] constants, byte ordinal) {
        if (ordinal < 0 || ordinal >= constants.length) throw new CodecException("unknown constant " + ordinal, null);
        return constants[ordinal];
    }
}
