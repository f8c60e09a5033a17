package io.forebay.internal.codec;

import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.TableDefinition;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Hears what a frame or a checkpoint says, record by record. */
public interface RecordVisitor {
    void table(TableDefinition table);

    void window(int partition, long sequence, List<PendingRow> rows, List<PendingAppend> appends);

    /** Takes the place of every window of the partition in ({@code from}, {@code to}]; {@code mark} is newer than those. */
    void rewritten(int partition, long mark, long from, long to, List<PendingRow> rows, List<PendingAppend> appends);

    void source(String name, String position);

    void seal(Seal seal);

    /** Everything of the partition up to {@code upTo}, where a batch ended, was handed over. */
    void released(int partition, long upTo, UUID batch);

    /** Of a checkpoint: how far the partition's sequences and its watermark had come. */
    void partition(int partition, long lastSequence, long released, @Nullable UUID releasedBatch);
}
