package io.forebay.internal.flush;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with full jitter: a random wait below a bound that doubles with each failure. Source: M. Brooker,
 * "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. Not thread-safe.
 */
final class Backoff {
    private final long minNanos;
    private final long maxNanos;
    private final RandomGenerator random;
    private long boundNanos;

    Backoff(Duration min, Duration max, RandomGenerator random) {
        this.minNanos = min.toNanos();
        this.maxNanos = max.toNanos();
        this.random = random;
        this.boundNanos = minNanos;
    }

    /** The next wait; at least one nanosecond. */
    long nextNanos() {
        long wait = 1 + random.nextLong(boundNanos);
        boundNanos = Math.min(maxNanos, boundNanos > maxNanos / 2 ? maxNanos : boundNanos * 2);
        return wait;
    }

    void reset() {
        boundNanos = minNanos;
    }
}
