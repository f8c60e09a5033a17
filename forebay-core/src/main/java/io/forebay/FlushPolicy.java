package io.forebay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * When a partition is flushed, and how much at once.
 *
 * @param maxRows pending rows of one partition that start a flush, and the most one batch carries; 1 or more, default
 *     10,000. One window is never divided, so a batch may pass it by what one group commit brought; rows without a key
 *     never make it do so.
 * @param maxRowsJitter each partition lowers {@code maxRows} by a random number of rows up to this, so that partitions
 *     do not fill in step; 0 to {@code maxRows - 1}, default 0
 * @param maxBytes the same in estimated bytes; 1 or more, default 8 MiB
 * @param interval age of the oldest pending mutation that starts a flush; positive, default 5 s
 * @param jitter random time added to the interval, so that partitions do not flush in step; default 1 s
 * @param timeout how long one statement of a flush may take before it is cancelled; positive, default 60 s
 * @param retryMin first bound of the random wait after a failed flush; positive, default 50 ms; doubles each time
 * @param retryMax last bound of that wait; at least {@code retryMin}, default 10 s
 */
public record FlushPolicy(
        int maxRows,
        int maxRowsJitter,
        long maxBytes,
        Duration interval,
        Duration jitter,
        Duration timeout,
        Duration retryMin,
        Duration retryMax) {
    /** 10,000 rows, 8 MiB, 5 s and up to 1 s more, 60 s a statement, retries after 50 ms to 10 s. */
    public static final FlushPolicy DEFAULT = new FlushPolicy(
            10_000,
            0,
            8L << 20,
            Duration.ofSeconds(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(60),
            Duration.ofMillis(50),
            Duration.ofSeconds(10));

    public FlushPolicy {
        List<String> problems = new ArrayList<>();
        if (maxRows < 1) problems.add("maxRows must be at least 1, was " + maxRows);
        if (maxRowsJitter < 0 || maxRowsJitter > Math.max(0, maxRows - 1))
            problems.add("maxRowsJitter must be at least 0 and less than maxRows (%d), was %d"
                    .formatted(maxRows, maxRowsJitter));
        if (maxBytes < 1) problems.add("maxBytes must be at least 1, was " + maxBytes);
        if (interval.isNegative() || interval.isZero()) problems.add("interval must be positive, was " + interval);
        if (jitter.isNegative()) problems.add("jitter must not be negative, was " + jitter);
        if (timeout.isNegative() || timeout.isZero()) problems.add("timeout must be positive, was " + timeout);
        if (retryMin.isNegative() || retryMin.isZero()) problems.add("retryMin must be positive, was " + retryMin);
        if (retryMax.compareTo(retryMin) < 0)
            problems.add("retryMax must be at least retryMin (" + retryMin + "), was " + retryMax);
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }

    /** This policy with another row limit, and no jitter of it. */
    public FlushPolicy withMaxRows(int rows) {
        return withMaxRows(rows, 0);
    }

    /** This policy with another row limit and its jitter. */
    public FlushPolicy withMaxRows(int rows, int rowsJitter) {
        return new FlushPolicy(rows, rowsJitter, maxBytes, interval, jitter, timeout, retryMin, retryMax);
    }

    /** This policy with another byte limit. */
    public FlushPolicy withMaxBytes(long bytes) {
        return new FlushPolicy(maxRows, maxRowsJitter, bytes, interval, jitter, timeout, retryMin, retryMax);
    }

    /** This policy with another interval and jitter. */
    public FlushPolicy withInterval(Duration newInterval, Duration newJitter) {
        return new FlushPolicy(maxRows, maxRowsJitter, maxBytes, newInterval, newJitter, timeout, retryMin, retryMax);
    }

    /** This policy with another statement timeout. */
    public FlushPolicy withTimeout(Duration newTimeout) {
        return new FlushPolicy(maxRows, maxRowsJitter, maxBytes, interval, jitter, newTimeout, retryMin, retryMax);
    }

    /** This policy with other bounds for the wait after a failed flush. */
    public FlushPolicy withRetry(Duration min, Duration max) {
        return new FlushPolicy(maxRows, maxRowsJitter, maxBytes, interval, jitter, timeout, min, max);
    }
}
