package io.forebay.kafka;

import java.util.concurrent.atomic.LongAdder;

/** How large records are on average, of those that came by here. Thread-safe. */
final class Sizes {
    private static final long UNTIL_KNOWN = 1_000;

    private final LongAdder records = new LongAdder();
    private final LongAdder bytes = new LongAdder();

    void add(long recordBytes) {
        records.increment();
        bytes.add(recordBytes);
    }

    long average() {
        long count = records.sum();
        return count == 0 ? UNTIL_KNOWN : bytes.sum() / count;
    }
}
