package io.forebay.internal.commit;

import io.forebay.internal.codec.Seal;
import io.forebay.internal.pending.Window;
import io.forebay.spi.Watermark;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** What the journal knows of one partition. Not thread-safe. */
public final class PartitionHistory {
    private final Deque<Window> windows = new ArrayDeque<>();
    private final NavigableMap<Long, UUID> batchEnds = new TreeMap<>();
    private final boolean keepReleased;
    private @Nullable Seal lastSeal;
    private long completeAbove = -1;
    private long lastSequence;
    private long released;

    /** @param keepReleased whether windows that are in the database already are kept as well */
    PartitionHistory(boolean keepReleased) {
        this.keepReleased = keepReleased;
    }

    void checkpoint(long last, long releasedThen, @Nullable UUID releasedBatch) {
        if (completeAbove < 0) completeAbove = last;
        lastSequence = Math.max(lastSequence, last);
        if (releasedBatch != null) batchEnds.put(releasedThen, releasedBatch);
        release(releasedThen);
    }

    void add(Window window) {
        windows.add(window);
        lastSequence = Math.max(lastSequence, window.sequence());
    }

    /** A rewritten window takes the place of those it was merged from. */
    void replace(long mark, Window rewritten) {
        List<Window> all = List.copyOf(windows);
        windows.clear();
        for (Window window : all) if (window.sequence() <= rewritten.from()) windows.add(window);
        windows.add(rewritten);
        for (Window window : all) if (window.sequence() > rewritten.to()) windows.add(window);
        lastSequence = Math.max(lastSequence, mark);
    }

    void sealed(Seal seal) {
        batchEnds.put(seal.to(), seal.id());
        lastSeal = seal;
        release(seal.from());
    }

    void released(long upTo, UUID batch) {
        batchEnds.put(upTo, batch);
        release(upTo);
    }

    /** A seal says that the batch before it is in the database, so its windows need not be kept in memory. */
    private void release(long upTo) {
        released = Math.max(released, upTo);
        while (!keepReleased && !windows.isEmpty() && windows.getFirst().sequence() <= released) windows.removeFirst();
    }

    /** Windows above {@link #released}, in order; all that the files hold if released ones were to be kept. */
    public List<Window> windows() {
        return List.copyOf(windows);
    }

    /** The last batch known to be in the database, as a watermark; its epoch is for the next owner to take. */
    public Watermark watermark() {
        return new Watermark(0, released, batchEnds.get(released));
    }

    /** The highest sequence the journal ever gave out. */
    public long lastSequence() {
        return lastSequence;
    }

    /** A watermark the database is known to have reached. */
    public long released() {
        return released;
    }

    /** Every window above this sequence is still in the journal's files. */
    public long completeAbove() {
        return Math.max(0, completeAbove);
    }

    /** The newest seal, or null; its batch may be in the database or not. */
    public @Nullable Seal lastSeal() {
        return lastSeal;
    }

    /** Ends and ids of the batches that were sealed, as far back as the files go. */
    public NavigableMap<Long, UUID> batchEnds() {
        return batchEnds;
    }
}
