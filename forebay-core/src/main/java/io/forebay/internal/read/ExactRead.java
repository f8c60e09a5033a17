package io.forebay.internal.read;

import io.forebay.StaleReadException;
import io.forebay.internal.mutation.Apply;
import io.forebay.internal.mutation.UnknownDefaultException;
import io.forebay.spi.BaseRow;
import io.forebay.spi.Overlay;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a row exactly: first the layers, then row and watermark in one statement, then only the layers newer than that
 * watermark. A flush that commits between the two moves the watermark and the row together, so a mutation is in the one
 * or in the other, never in both and never in neither. Thread-safe.
 */
public final class ExactRead {
    private static final int ATTEMPTS = 10;

    private final Sink sink;
    private final UUID journal;
    private final Overlays overlays;
    private final IntConsumer onStale;
    private final IntConsumer flush;
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    /** Where what is pending for a row is asked for. */
    public interface Overlays {
        /** What is pending for the row, in one consistent snapshot. */
        Overlay of(int partition, RowKey key);
    }

    /**
     * @param onStale told the partition whose database row was older than what had been flushed
     * @param flush flushes the partition and waits
     */
    public ExactRead(Sink sink, UUID journal, Overlays overlays, IntConsumer onStale, IntConsumer flush) {
        this.sink = sink;
        this.journal = journal;
        this.overlays = overlays;
        this.onStale = onStale;
        this.flush = flush;
    }

    /**
     * The row as it will be once everything pending is flushed.
     *
     * @throws StaleReadException if the database keeps showing a state older than what was flushed
     */
    public Optional<Map<String, @Nullable Object>> read(int partition, TableInfo table, RowKey key) {
        long seen = 0;
        long needed = 0;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            Overlay overlay = overlays.of(partition, key);
            if (attempt == 0) (overlay.slices().isEmpty() ? misses : hits).increment();
            BaseRow base = attempt == 0
                    ? sink.recall(journal, partition, table, key)
                    : sink.read(journal, partition, table, key);
            seen = base.watermark();
            needed = overlay.released();
            if (!covers(overlay, seen)) continue;
            try {
                return Apply.stages(base.columns(), newerThan(seen, overlay), key.values(), table);
            } catch (UnknownDefaultException e) {
                flush.accept(partition);
            }
        }
        onStale.accept(partition);
        throw new StaleReadException(
                "%s shows partition %d at sequence %d, but %d was flushed to it: is it a lagging replica, or was it restored?"
                        .formatted(sink.description(), partition, seen, needed),
                null);
    }

    /** Reads of rows that had something pending. */
    public long hits() {
        return hits.sum();
    }

    /** Reads of rows that had nothing pending. */
    public long misses() {
        return misses.sum();
    }

    /** Whether what the database lacks is all in the overlay, layer by whole layer. */
    private static boolean covers(Overlay overlay, long watermark) {
        if (watermark < overlay.released()) return false;
        for (Overlay.Slice slice : overlay.slices())
            if (slice.from() < watermark && watermark < slice.to()) return false;
        return true;
    }

    private static List<Stage> newerThan(long watermark, Overlay overlay) {
        List<Stage> stages = new ArrayList<>();
        for (Overlay.Slice slice : overlay.slices()) if (slice.to() > watermark) stages.addAll(slice.stages());
        return stages;
    }
}
