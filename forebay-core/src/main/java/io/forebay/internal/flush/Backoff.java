package io.forebay.internal.flush;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with full jitter: a random wait below a bound that doubles with each failure. Source: M. Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. Not thread-safe.
 */
public final class Backoff {
    private final long minNanos;
    private final long maxNanos;
    private final RandomGenerator random;
    private long boundNanos;

    public Backoff(Duration min, Duration max, RandomGenerator random) {
        this.minNanos = min.toNanos();
        this.maxNanos = max.toNanos();
        this.random = random;
        this.boundNanos = minNanos;
    }

    /** The next wait; at least one nanosecond. */
    public long nextNanos() {
        long wait = 1 + random.nextLong(boundNanos);
        boundNanos = Math.min(maxNanos, boundNanos > maxNanos / 2 ? maxNanos : boundNanos * 2);
        return wait;
    }

    public void reset() {
        boundNanos = minNanos;
    }
}
