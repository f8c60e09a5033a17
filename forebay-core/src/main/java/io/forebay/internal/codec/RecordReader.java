package io.forebay.internal.codec;

import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Reads what {@link RecordWriter} wrote. */
public final class RecordReader {
    private RecordReader() {}

    /**
     * Reads one body to its end.
     *
     * @throws CodecException if it holds what no known version wrote
     */
    public static void read(ByteBuffer body, RecordVisitor visitor) {
        ByteReader in = new ByteReader(body);
        while (in.hasMore()) {
            CodecException.guard(() -> {
                readRecord(in, visitor);
                return in;
            });
        }
    }

    private static void readRecord(ByteReader in, RecordVisitor visitor) {
        byte tag = in.readByte();
        switch (tag) {
            case RecordWriter.TABLE -> visitor.table(TableCodec.read(in));
            case RecordWriter.WINDOW -> visitor.window(in.readInt(), in.readUnsigned(), readRows(in), readAppends(in));
            case RecordWriter.REWRITTEN ->
                visitor.rewritten(
                        in.readInt(),
                        in.readUnsigned(),
                        in.readUnsigned(),
                        in.readUnsigned(),
                        readRows(in),
                        readAppends(in));
            case RecordWriter.SOURCE -> visitor.source(in.readName(), in.readString());
            case RecordWriter.SEAL ->
                visitor.seal(new Seal(in.readInt(), in.readUnsigned(), in.readUnsigned(), in.readUuid()));
            case RecordWriter.RELEASED -> visitor.released(in.readInt(), in.readUnsigned(), in.readUuid());
            case RecordWriter.PARTITION ->
                visitor.partition(
                        in.readInt(), in.readUnsigned(), in.readUnsigned(), in.readByte() == 0 ? null : in.readUuid());
            default -> throw new CodecException("unknown record tag " + tag, null);
        }
    }

    private static List<PendingRow> readRows(ByteReader in) {
        int count = in.readCount();
        List<PendingRow> rows = new ArrayList<>(count);
        for (int i = 0; i < count; i++) rows.add(RowCodec.readRow(in));
        return rows;
    }

    private static List<PendingAppend> readAppends(ByteReader in) {
        int count = in.readCount();
        List<PendingAppend> appends = new ArrayList<>(count);
        for (int i = 0; i < count; i++) appends.add(RowCodec.readAppend(in));
        return appends;
    }
}
