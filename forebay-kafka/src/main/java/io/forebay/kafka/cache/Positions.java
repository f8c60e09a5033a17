package io.forebay.kafka.cache;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** How far the visible store reflects the topic, and who waits for more. Thread-safe. */
final class Positions {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private Map<Integer, Long> next =
            Map.of(); // guarded by lock; by partition, the offset after the last one reflected
    private @Nullable LogCacheException stopped; // guarded by lock
    private int waiters; // guarded by lock

    /** Says that everything before {@code positions} can be read now. */
    void publish(Map<Integer, Long> positions) {
        lock.lock();
        try {
            next = new HashMap<>(positions);
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is reflected until the next {@link #publish}. */
    void forget() {
        publish(Map.of());
    }

    /** All who wait, and will wait, get this. */
    void stop(LogCacheException reason) {
        lock.lock();
        try {
            if (stopped == null) stopped = reason;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until the record at the position, whether it still exists or not, is behind.
     *
     * @return false if it took too long
     * @throws LogCacheException what {@link #stop} was given
     */
    boolean await(LogPosition position, Duration timeout) throws InterruptedException {
        long left = timeout.toNanos();
        lock.lockInterruptibly();
        waiters++;
        try {
            while (!isReached(position)) {
                if (stopped != null) throw stopped;
                if (left <= 0) return false;
                left = moved.awaitNanos(left);
            }
            return true;
        } finally {
            waiters--;
            lock.unlock();
        }
    }

    private boolean isReached(LogPosition position) {
        return next.getOrDefault(position.partition(), 0L) > position.offset();
    }

    int waiters() {
        lock.lock();
        try {
            return waiters;
        } finally {
            lock.unlock();
        }
    }
}
