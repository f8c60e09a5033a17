package io.forebay.internal.codec;

import io.forebay.spi.PendingAppend;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Writes the body of a frame or a checkpoint: a sequence of tagged records, see docs/journal-format.md. Not thread-safe. */
public final class RecordWriter {
    static final int TABLE = 1;
    static final int WINDOW = 2;
    static final int SOURCE = 3;
    static final int SEAL = 4;
    static final int PARTITION = 5;
    static final int REWRITTEN = 6;
    static final int RELEASED = 7;

    private final ByteWriter out = new ByteWriter();

    public void reset() {
        out.reset();
    }

    public boolean isEmpty() {
        return out.size() == 0;
    }

    /** What was written since the last reset; valid until the next write. */
    public ByteBuffer body() {
        return out.view();
    }

    public void table(TableDefinition table) {
        out.writeByte(TABLE);
        TableCodec.write(out, table);
    }

    /** A window; {@code rows} hands out as many rows as {@code rowCount} says. */
    public void window(int partition, long sequence, int rowCount, Rows rows, List<PendingAppend> appends) {
        out.writeByte(WINDOW);
        out.writeUnsigned(partition);
        out.writeUnsigned(sequence);
        content(rowCount, rows, appends);
    }

    /** What takes the place of the windows in ({@code from}, {@code to}]; rows as for a window. */
    public void rewritten(
            int partition, long mark, long from, long to, int rowCount, Rows rows, List<PendingAppend> appends) {
        out.writeByte(REWRITTEN);
        out.writeUnsigned(partition);
        out.writeUnsigned(mark);
        out.writeUnsigned(from);
        out.writeUnsigned(to);
        content(rowCount, rows, appends);
    }

    private void content(int rowCount, Rows rows, List<PendingAppend> appends) {
        out.writeUnsigned(rowCount);
        rows.forEach((key, stages) -> RowCodec.writeRow(out, key, stages));
        out.writeUnsigned(appends.size());
        for (PendingAppend append : appends) RowCodec.writeAppend(out, append);
    }

    public void source(String name, String position) {
        out.writeByte(SOURCE);
        out.writeName(name);
        out.writeString(position);
    }

    public void seal(Seal seal) {
        out.writeByte(SEAL);
        out.writeUnsigned(seal.partition());
        out.writeUnsigned(seal.from());
        out.writeUnsigned(seal.to());
        out.writeUuid(seal.id());
    }

    public void partition(int partition, long lastSequence, long released, @Nullable UUID releasedBatch) {
        out.writeByte(PARTITION);
        out.writeUnsigned(partition);
        out.writeUnsigned(lastSequence);
        out.writeUnsigned(released);
        out.writeByte(releasedBatch == null ? 0 : 1);
        if (releasedBatch != null) out.writeUuid(releasedBatch);
    }

    /** How far a partition's batches were handed over, where nobody but the journal keeps a watermark. */
    public void released(int partition, long upTo, UUID batch) {
        out.writeByte(RELEASED);
        out.writeUnsigned(partition);
        out.writeUnsigned(upTo);
        out.writeUuid(batch);
    }

    /** Hands out the rows of a window. */
    public interface Rows {
        void forEach(BiConsumer<RowKey, List<Stage>> consumer);
    }
}
