package io.forebay.kafka;

import io.forebay.ForebayException;
import io.forebay.spi.Overlay;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.SharedJournal.Tail;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.TransientSinkException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What one partition of the topic holds of each row, record by record: nothing is merged, because batches of other
 * processes may end at any of them (rule K5). Records are let go once the database is known to hold them. Thread-safe.
 */
final class PartitionView {
    private static final long LOOK_AGAIN_MILLIS = 20;

    private final String name;
    private final Map<RowKey, Deque<Overlay.Slice>> rows = new HashMap<>(); // guarded by this, as all below
    private final Deque<Layer> layers = new ArrayDeque<>();
    private long start;
    private long position;
    private long released;
    private long seen;
    private @Nullable ForebayException broken;

    /** The rows of the record that ends at a sequence. */
    private record Layer(long to, List<RowKey> keys) {}

    PartitionView(String name) {
        this.name = name;
    }

    /** Begins anew at an offset: what stands before it is not to be had, and the database holds it. */
    synchronized void restart(long offset) {
        rows.clear();
        layers.clear();
        start = offset;
        position = offset;
        released = offset;
        notifyAll();
    }

    /** A record has arrived. */
    synchronized void add(long offset, SharedWindow window) {
        List<RowKey> keys = new ArrayList<>(window.rows().size());
        for (PendingRow row : window.rows()) {
            rows.computeIfAbsent(row.key(), key -> new ArrayDeque<>(1))
                    .add(new Overlay.Slice(offset, offset + 1, row.stages()));
            keys.add(row.key());
        }
        if (!keys.isEmpty()) layers.add(new Layer(offset + 1, keys));
        position = offset + 1;
    }

    /** The window of the own writer that has arrived last. */
    synchronized void seen(long number) {
        seen = Math.max(seen, number);
    }

    /** Nothing will arrive any more. */
    synchronized void fail(ForebayException reason) {
        broken = reason;
        notifyAll();
    }

    /** All records before an offset have arrived. */
    synchronized void reached(long offset) {
        position = Math.max(position, offset);
        notifyAll();
    }

    /** The database holds everything up to a sequence. */
    synchronized void release(long watermark) {
        long upTo = Math.min(watermark, position);
        if (upTo <= released) return;
        released = upTo;
        while (!layers.isEmpty() && layers.getFirst().to() <= upTo)
            for (RowKey key : layers.removeFirst().keys()) removeOldest(key);
    }

    private void removeOldest(RowKey key) {
        Deque<Overlay.Slice> slices = rows.get(key);
        if (slices == null) return;
        slices.removeFirst();
        if (slices.isEmpty()) rows.remove(key);
    }

    /**
     * What is pending for a row.
     *
     * @param from offset up to which everything has to have arrived
     * @param known a window of the own writer that is before that offset, as all before it
     * @param own how far the own writer is
     * @throws TransientSinkException if it does not arrive in time
     */
    synchronized Tail tail(RowKey key, long from, long known, Written own, long timeoutNanos) {
        await(from, own, timeoutNanos);
        Deque<Overlay.Slice> slices = rows.getOrDefault(key, new ArrayDeque<>(0));
        return new Tail(Math.max(seen, known), position, new Overlay(released, List.copyOf(slices)));
    }

    private synchronized void await(long from, Written own, long timeoutNanos) {
        long begun = System.nanoTime();
        try {
            while (position < from || !own.isOpenOnlyFrom(start)) {
                if (broken != null) throw broken;
                if (System.nanoTime() - begun > timeoutNanos) throw late(from, timeoutNanos);
                wait(LOOK_AGAIN_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientSinkException(name + ": interrupted while waiting for what is pending", e);
        }
    }

    private TransientSinkException late(long from, long timeoutNanos) {
        return new TransientSinkException(
                "%s has arrived up to %d and is needed up to %d, after %d ms"
                        .formatted(name, position, from, TimeUnit.NANOSECONDS.toMillis(timeoutNanos)),
                null);
    }
}
