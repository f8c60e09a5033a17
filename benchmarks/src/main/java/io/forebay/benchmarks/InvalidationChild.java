package io.forebay.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The forked part of {@link Invalidation}: one contender at one rate. An event's clock starts when it was due, whether or not the
 * contender was ready to take it then.
 */
final class InvalidationChild {
    static final String SPEED = "events per second";

    private static final int ROWS = 100_000;
    private static final long TICK_NANOS =
            1_000_000; // what is due within one comes at once, as from a source that polls
    private static final int FLAT_OUT_EVENTS = 500_000;
    private static final int FLAT_OUT_BURST = 500;

    private InvalidationChild() {}

    /** URI, contender, events per second or 0 for as many as it takes, seconds, iterations. */
    public static void main(String[] arguments) {
        int rate = Integer.parseInt(arguments[2]);
        int seconds = Integer.parseInt(arguments[3]);
        int iterations = Integer.parseInt(arguments[4]);
        try (Invalidator invalidator =
                InvalidationContender.valueOf(arguments[1]).open(arguments[0])) {
            for (int i = -1; i < iterations; i++) { // the first warms up
                if (rate == 0) flatOut(invalidator, i >= 0);
                else paced(invalidator, rate, seconds, i >= 0);
            }
        }
    }

    private static void paced(Invalidator invalidator, int rate, int seconds, boolean counts) {
        int events = rate * seconds;
        int perTick = (int) (rate * TICK_NANOS / 1_000_000_000L);
        Latencies latencies = new Latencies(events);
        long begun = System.nanoTime();
        for (int sent = 0; sent < events; sent += perTick) {
            long due = begun + sent / perTick * TICK_NANOS;
            for (long now = System.nanoTime(); now < due; now = System.nanoTime()) LockSupport.parkNanos(due - now);
            invalidator.take(events(sent, perTick, () -> latencies.add(System.nanoTime() - due)));
        }
        awaitAll(latencies, events);
        if (counts) latencies.report("");
    }

    private static void flatOut(Invalidator invalidator, boolean counts) {
        Latencies latencies = new Latencies(FLAT_OUT_EVENTS);
        long begun = System.nanoTime();
        for (int sent = 0; sent < FLAT_OUT_EVENTS; sent += FLAT_OUT_BURST) {
            while (invalidator.isFull()) LockSupport.parkNanos(TICK_NANOS / 10);
            long taken = System.nanoTime();
            invalidator.take(events(sent, FLAT_OUT_BURST, () -> latencies.add(System.nanoTime() - taken)));
        }
        awaitAll(latencies, FLAT_OUT_EVENTS);
        if (counts) Fork.report(SPEED, FLAT_OUT_EVENTS / ((System.nanoTime() - begun) / 1e9));
    }

    private static List<Invalidator.Event> events(int first, int count, Runnable done) {
        List<Invalidator.Event> events = new ArrayList<>(count);
        for (int i = first; i < first + count; i++)
            events.add(new Invalidator.Event(
                    (int) (i * 7919L % ROWS), done)); // 7919 is prime: neighbours are no neighbours
        return events;
    }

    private static void awaitAll(Latencies latencies, int expected) {
        while (latencies.count() < expected) LockSupport.parkNanos(TICK_NANOS / 10);
    }
}
