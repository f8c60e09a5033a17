package io.forebay.benchmarks.peers;

import io.forebay.benchmarks.BenchmarkDatabase;
import java.util.concurrent.TimeUnit;

/** Watches one figure of the database. */
final class Arrival {
    static final String COUNTERS = "SELECT sum(value) FROM counters";
    static final String STAMPS = "SELECT sum(seen) FROM stamps";
    static final String AUDIT = "SELECT count(*) FROM audit";

    private static final long POLL_MILLIS = 50;
    private static final int GIVE_UP_SECONDS = 60;

    private final BenchmarkDatabase database;
    private final String query;

    Arrival(BenchmarkDatabase database, String query) {
        this.database = database;
        this.query = query;
    }

    /** Waits until the figure is {@code expected}; false if it has not changed for a minute and is another one. */
    boolean await(long expected) throws InterruptedException {
        return awaitUntil(expected, GIVE_UP_SECONDS);
    }

    /** Waits until nothing has arrived for twice the delay and two seconds more. */
    void awaitQuiet(int delaySeconds) throws InterruptedException {
        awaitUntil(Long.MIN_VALUE, 2 * delaySeconds + 2);
    }

    private boolean awaitUntil(long expected, int quietSeconds) throws InterruptedException {
        long quietNanos = TimeUnit.SECONDS.toNanos(quietSeconds);
        long last = database.number(query);
        long changed = System.nanoTime();
        while (last != expected) {
            if (System.nanoTime() - changed > quietNanos) return false;
            Thread.sleep(POLL_MILLIS);
            long now = database.number(query);
            if (now != last) changed = System.nanoTime();
            last = now;
        }
        return true;
    }
}
