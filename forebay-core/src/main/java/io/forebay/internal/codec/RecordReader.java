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
        while (in.hasMore()) readRecord(in, visitor);
    }

    private static void readRecord(ByteReader in, RecordVisitor visitor) {
        byte tag = in.readByte();
        switch (tag) {
            case RecordWriter.TABLE -> visitor.table(TableCodec.read(in));
            case RecordWriter.WINDOW -> readWindow(in, visitor);
            case RecordWriter.SOURCE -> visitor.source(in.readName(), in.readString());
            case RecordWriter.SEAL ->
                visitor.seal(new Seal(in.readInt(), in.readUnsigned(), in.readUnsigned(), in.readUuid()));
            case RecordWriter.PARTITION ->
                visitor.partition(
                        in.readInt(), in.readUnsigned(), in.readUnsigned(), in.readByte() == 0 ? null : in.readUuid());
            default -> throw new CodecException("unknown record tag " + tag, null);
        }
    }

    private static void readWindow(ByteReader in, RecordVisitor visitor) {
        int partition = in.readInt();
        long sequence = in.readUnsigned();
        int rowCount = in.readCount();
        List<PendingRow> rows = new ArrayList<>(rowCount);
        for (int i = 0; i < rowCount; i++) rows.add(RowCodec.readRow(in));
        int appendCount = in.readCount();
        List<PendingAppend> appends = new ArrayList<>(appendCount);
        for (int i = 0; i < appendCount; i++) appends.add(RowCodec.readAppend(in));
        visitor.window(partition, sequence, rows, appends);
    }
}
