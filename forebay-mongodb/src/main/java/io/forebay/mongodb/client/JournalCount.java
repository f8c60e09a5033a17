package io.forebay.mongodb.client;

import io.forebay.ForebayListener;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** Counts what was written to the journal. Thread-safe. */
final class JournalCount implements ForebayListener {
    private final LongAdder windows = new LongAdder();

    @Override
    public void forced(String database, int count, Duration took) {
        windows.add(count);
    }

    long windows() {
        return windows.sum();
    }
}
