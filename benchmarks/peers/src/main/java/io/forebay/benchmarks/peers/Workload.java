package io.forebay.benchmarks.peers;

import io.forebay.benchmarks.ZipfKeys;

/** The keys, the same for all: Zipf 0.99 over 100,000 rows; each thread goes through them from a place of its own. Immutable. */
final class Workload {
    static final int ROWS = 100_000;
    static final int THREADS = 4;

    private static final int STRIDE = 250_007;

    private final int[] keys = ZipfKeys.sequence(1 << 20, ROWS, 0.99, 42);

    /** The row that a thread's write number {@code number}, counted from 0, goes to. */
    int key(int thread, long number) {
        return keys[(int) ((thread * (long) STRIDE + number) & (keys.length - 1))];
    }

    /** The same, among rows that no other thread writes to. */
    int ownKey(int thread, long number) {
        return key(thread, number) / THREADS * THREADS + thread;
    }
}
