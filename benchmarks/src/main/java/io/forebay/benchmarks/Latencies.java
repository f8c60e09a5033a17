package io.forebay.benchmarks;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/** How long each of a known number of things took. Thread-safe. */
final class Latencies {
    static final String MEDIAN = "median";
    static final String HIGH = "99 %";

    private final long[] nanos;
    private final AtomicInteger count = new AtomicInteger();

    Latencies(int expected) {
        this.nanos = new long[expected];
    }

    void add(long nanosTaken) {
        nanos[count.getAndIncrement()] = nanosTaken;
    }

    int count() {
        return count.get();
    }

    /** Tells the parent median and 99th percentile in milliseconds. All threads that added must have been waited for. */
    void report(String prefix) {
        long[] sorted = Arrays.copyOf(nanos, count.get());
        Arrays.sort(sorted);
        Fork.report(prefix + MEDIAN, sorted[sorted.length / 2] / 1e6);
        Fork.report(prefix + HIGH, sorted[sorted.length * 99 / 100] / 1e6);
    }
}
