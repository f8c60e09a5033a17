package io.forebay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How a journal uses its disk.
 *
 * @param segmentBytes size of one file; 64 KiB or more, default 64 MiB
 * @param keepApplied how long a segment stays after the database has all of it, to be replayed into a database that fell
 *     back to an earlier state; default 1 hour
 * @param keepBytes the most that applied segments may take; the oldest go first; default 1 GiB
 * @param maxBytes the most the journal may take; within one segment of it writes wait as for a full
 *     buffer; at least four segments, default 16 GiB. Applied segments give way before writes do
 */
public record JournalPolicy(long segmentBytes, Duration keepApplied, long keepBytes, long maxBytes) {
    /** Segments of 64 MiB, applied ones kept for 1 hour and up to 1 GiB, 16 GiB in all. */
    public static final JournalPolicy DEFAULT = new JournalPolicy(64L << 20, Duration.ofHours(1), 1L << 30, 16L << 30);

    public JournalPolicy {
        List<String> problems = new ArrayList<>();
        if (segmentBytes < 64 << 10) problems.add("segmentBytes must be at least 65536, was " + segmentBytes);
        if (keepApplied.isNegative()) problems.add("keepApplied must not be negative, was " + keepApplied);
        if (keepBytes < 0) problems.add("keepBytes must not be negative, was " + keepBytes);
        if (maxBytes < 4 * segmentBytes)
            problems.add("maxBytes must be at least four segments (" + 4 * segmentBytes + "), was " + maxBytes);
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }
}
