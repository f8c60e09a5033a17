package io.forebay.internal.lifecycle;

import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Owns one daemon thread that takes turns until it is stopped. A turn says how long the thread may sleep; a wake-up ends
 * the sleep early and is never missed. What a turn throws is logged, and the next turn goes on.
 */
final class Runner {
    private static final Logger LOG = LoggerFactory.getLogger(Runner.class);
    private static final long AFTER_ERROR_NANOS = 100_000_000;

    private final Thread thread;
    private final LongSupplier turn;
    private volatile boolean stopped;
    private volatile boolean idle;

    /** @param turn does what there is to do; returns nanoseconds to sleep, 0 to go on at once */
    Runner(String name, LongSupplier turn) {
        this.turn = turn;
        this.thread = new Thread(this::run, name);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void run() {
        while (!stopped) {
            long sleep = turn();
            if (sleep <= 0) continue;
            idle = true;
            sleep = turn(); // whoever added work before seeing that this thread is idle is served here
            if (sleep > 0 && !stopped) LockSupport.parkNanos(this, sleep);
            idle = false;
        }
    }

    private long turn() {
        try {
            return turn.getAsLong();
        } catch (RuntimeException e) {
            LOG.error("{} failed a turn", thread.getName(), e);
            return AFTER_ERROR_NANOS;
        }
    }

    /** Ends a sleep. Cheap while the thread is awake. */
    void wake() {
        if (idle) LockSupport.unpark(thread);
    }

    /** Lets the turn in progress end, and no other begin. */
    void stop() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    /** Returns whether the thread has ended in time. */
    boolean join(long millis) {
        try {
            thread.join(Math.max(1, millis));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return !thread.isAlive();
    }

    boolean isAlive() {
        return thread.isAlive();
    }
}
