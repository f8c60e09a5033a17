package io.forebay.jdbc.crash;

import java.time.Duration;

/** How long calls took: counted in powers of two of a microsecond, and the longest. One thread. */
final class Waits {
    private final long[] counts = new long[64];
    private long longestNanos;

    void add(long nanos) {
        counts[64 - Long.numberOfLeadingZeros(nanos / 1_000)]++;
        longestNanos = Math.max(longestNanos, nanos);
    }

    /** Both together. */
    Waits with(Waits other) {
        Waits all = new Waits();
        for (int i = 0; i < counts.length; i++) all.counts[i] = counts[i] + other.counts[i];
        all.longestNanos = Math.max(longestNanos, other.longestNanos);
        return all;
    }

    Duration longest() {
        return Duration.ofNanos(longestNanos);
    }

    /** A bound that this share of the calls did not reach. */
    Duration below(double share) {
        long all = 0;
        for (long count : counts) all += count;
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= all * share) return Duration.ofNanos(1_000L << i);
        }
        return longest();
    }
}
