package io.forebay;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How much may be pending in memory, per database.
 *
 * @param maxBytes estimated bytes of pending rows; 1 MiB or more, default 256 MiB
 * @param maxRows pending rows; 1 or more, default 5,000,000
 * @param whenFull what a write meets when either is reached, default {@link FullPolicy#BLOCK}
 * @param waitTimeout how long it waits then, default 30 s
 */
public record BufferPolicy(long maxBytes, long maxRows, FullPolicy whenFull, Duration waitTimeout) {
    /** 256 MiB, 5,000,000 rows, block for 30 s. */
    public static final BufferPolicy DEFAULT =
            new BufferPolicy(256L << 20, 5_000_000, FullPolicy.BLOCK, Duration.ofSeconds(30));

    public BufferPolicy {
        List<String> problems = new ArrayList<>();
        if (maxBytes < 1 << 20) problems.add("maxBytes must be at least 1048576, was " + maxBytes);
        if (maxRows < 1) problems.add("maxRows must be at least 1, was " + maxRows);
        if (waitTimeout.isNegative()) problems.add("waitTimeout must not be negative, was " + waitTimeout);
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }
}
