package io.forebay.internal.journal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a journal uses its disk.
 *
 * @param segmentBytes size of a segment file, at least 64 KiB; rounded up to whole sectors, and to a frame that is larger
 * @param keepApplied how long a segment stays after all of it is in the database, for a database that falls back
 * @param keepBytes how many bytes of such segments stay at most; the oldest go first, before their time if need be
 * @param maxBytes how many bytes all segments may take; an append that needs a segment beyond it is refused
 * @param partitions number of partitions, fixed for the life of the journal
 */
public record JournalSettings(long segmentBytes, Duration keepApplied, long keepBytes, long maxBytes, int partitions) {
    private static final long MIN_SEGMENT_BYTES = 64 << 10;
    private static final int MAX_PARTITIONS = 4096;

    public JournalSettings {
        List<String> problems = new ArrayList<>();
        if (segmentBytes < MIN_SEGMENT_BYTES) {
            problems.add("segmentBytes must be at least %d, was %d".formatted(MIN_SEGMENT_BYTES, segmentBytes));
        }
        if (keepApplied.isNegative()) problems.add("keepApplied must not be negative, was " + keepApplied);
        if (keepBytes < 0) problems.add("keepBytes must not be negative, was " + keepBytes);
        if (maxBytes < segmentBytes) {
            problems.add("maxBytes must be at least segmentBytes (%d), was %d".formatted(segmentBytes, maxBytes));
        }
        if (partitions < 1 || partitions > MAX_PARTITIONS) {
            problems.add("partitions must be between 1 and %d, was %d".formatted(MAX_PARTITIONS, partitions));
        }
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }

    /** What is left free at the end of each segment for frames that a full journal must still take. */
    long reserveBytes() {
        return Math.min(64 << 10, segmentBytes / 4);
    }

    /** Segments of 64 MiB, applied ones kept for an hour and up to 1 GiB, 16 GiB in all, 8 partitions. */
    public static JournalSettings defaults() {
        return new JournalSettings(64L << 20, Duration.ofHours(1), 1L << 30, 16L << 30, 8);
    }
}
