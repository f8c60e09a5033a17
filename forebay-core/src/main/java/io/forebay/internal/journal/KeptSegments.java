package io.forebay.internal.journal;

import io.forebay.spi.Disk;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments before the current one, oldest first, and when each of them may go. The time a segment is kept begins when
 * this process first sees that all of it is applied.
 */
final class KeptSegments {
    private static final Logger LOG = LoggerFactory.getLogger(KeptSegments.class);

    private final Disk disk;
    private final JournalSettings settings;
    private final LongSupplier nanoTime;
    private final Deque<Segment> open = new ArrayDeque<>(); // some of it is not applied
    private final Deque<Applied> applied = new ArrayDeque<>(); // older than all in open
    private boolean deletionUnforced;

    KeptSegments(Disk disk, JournalSettings settings, LongSupplier nanoTime) {
        this.disk = disk;
        this.settings = settings;
        this.nanoTime = nanoTime;
    }

    void add(Segment segment) {
        open.add(segment);
    }

    List<SegmentInfo> list() {
        List<SegmentInfo> list = new ArrayList<>();
        applied.forEach(kept -> list.add(kept.segment.info()));
        open.forEach(segment -> list.add(segment.info()));
        return list;
    }

    long bytes() {
        return list().stream().mapToLong(SegmentInfo::bytes).sum();
    }

    /** Deletes what may go, but never the newest {@code spared} segments. */
    void release(long[] watermarks, int spared) {
        while (open.size() > spared && open.element().sequences().areCoveredBy(watermarks)) {
            applied.add(new Applied(open.remove(), nanoTime.getAsLong()));
        }
        try {
            while (!applied.isEmpty() && isOver(applied.element())) deleteOldest();
        } catch (IOException e) {
            LOG.warn("journal {}: could not delete an applied segment, will try again", disk.description(), e);
        }
    }

    /** Deletes the oldest applied segment before its time; returns whether there was one. */
    boolean deleteApplied() {
        if (applied.isEmpty()) return false;
        try {
            deleteOldest();
            return true;
        } catch (IOException e) {
            LOG.warn("journal {}: could not delete an applied segment", disk.description(), e);
            return false;
        }
    }

    private boolean isOver(Applied oldest) {
        long keptBytes =
                applied.stream().mapToLong(kept -> kept.segment.bytes()).sum();
        return keptBytes > settings.policy().keepBytes()
                || nanoTime.getAsLong() - oldest.sinceNanos
                        >= settings.policy().keepApplied().toNanos();
    }

    /** One at a time: a power failure that undid only the first of two deletions would leave a gap. */
    private void deleteOldest() throws IOException {
        forceDeletion();
        disk.delete(applied.element().segment.name());
        applied.remove();
        deletionUnforced = true;
        forceDeletion();
    }

    private void forceDeletion() throws IOException {
        if (!deletionUnforced) return;
        disk.forceDirectory();
        deletionUnforced = false;
    }

    private record Applied(Segment segment, long sinceNanos) {}
}
