package io.forebay.internal.pending;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/** Where writers wait for room. Thread-safe. */
final class Gate {
    private static final long LOOK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private volatile int waiting; // written under lock
    private volatile boolean open;

    /**
     * Waits for room, or for the gate to be opened.
     *
     * @return whether either came in time
     */
    boolean await(BooleanSupplier room, long timeoutNanos) throws InterruptedException {
        long left = timeoutNanos;
        lock.lock();
        waiting++;
        try {
            while (!open && !room.getAsBoolean()) {
                if (left <= 0) return false;
                long slice = Math.min(left, LOOK_AGAIN_NANOS); // nobody signals when the journal shrinks
                left -= slice - moved.awaitNanos(slice);
            }
            return true;
        } finally {
            waiting--;
            lock.unlock();
        }
    }

    boolean hasWaiters() {
        return waiting > 0;
    }

    /** There may be room. */
    void wake() {
        if (waiting == 0) return;
        lock.lock();
        try {
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Lets everyone pass, from now on. */
    void open() {
        open = true;
        wake();
    }
}
