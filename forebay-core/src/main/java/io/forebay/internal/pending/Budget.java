package io.forebay.internal.pending;

import io.forebay.BufferFullException;
import io.forebay.BufferPolicy;
import io.forebay.FullPolicy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * How much is pending in one database's buffer, and where writers wait when it is too much. Waited for before any
 * partition's lock is taken, and never by the threads that make room. A write is let in while there is any room, so the
 * limit may be passed by one write per thread. Thread-safe.
 */
public final class Budget {
    private final String database;
    private static final long LOOK_AGAIN_NANOS = 100_000_000L;

    private final BufferPolicy policy;
    private final LongSupplier journalBytes;
    private final long maxJournalBytes;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition roomMade = lock.newCondition();
    private volatile int waiting; // written under lock
    private volatile boolean closed;

    /**
     * @param journalBytes disk the journal takes now
     * @param maxJournalBytes from where on writes wait for it to shrink
     */
    public Budget(String database, BufferPolicy policy, LongSupplier journalBytes, long maxJournalBytes) {
        this.database = database;
        this.policy = policy;
        this.journalBytes = journalBytes;
        this.maxJournalBytes = maxJournalBytes;
    }

    public boolean hasRoom() {
        return bytes.get() < policy.maxBytes()
                && rows.get() < policy.maxRows()
                && journalBytes.getAsLong() < maxJournalBytes;
    }

    /** Whether so much is pending that flushing should not wait for its triggers. */
    public boolean isPressed() {
        return bytes.get() > policy.maxBytes() / 2 || rows.get() > policy.maxRows() / 2 || !hasRoom();
    }

    /** Whether a write is waiting for room right now. */
    boolean hasWaiters() {
        return waiting > 0;
    }

    /**
     * Waits until there is room.
     *
     * @throws BufferFullException if there is none in time, or the policy is to reject
     */
    public void awaitRoom() {
        if (hasRoom()) return;
        if (policy.whenFull() == FullPolicy.REJECT) throw full(0);

        long start = System.nanoTime();
        long left = policy.waitTimeout().toNanos();
        lock.lock();
        waiting++;
        try {
            while (!hasRoom() && !closed) {
                if (left <= 0) throw full(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
                long slice = Math.min(left, LOOK_AGAIN_NANOS); // nobody signals when the journal shrinks
                left -= slice - roomMade.awaitNanos(slice);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw full(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        } finally {
            waiting--;
            lock.unlock();
        }
    }

    void add(long moreBytes, long moreRows) {
        if (moreBytes != 0) bytes.addAndGet(moreBytes);
        if (moreRows != 0) rows.addAndGet(moreRows);
        if (waiting > 0 && (moreBytes < 0 || moreRows < 0)) wakeWriters();
    }

    /** Lets every waiting writer go on, to find out that the engine is closed. */
    public void close() {
        closed = true;
        wakeWriters();
    }

    private void wakeWriters() {
        lock.lock();
        try {
            roomMade.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private BufferFullException full(long waitedMillis) {
        return new BufferFullException(
                "%s: refused a write after waiting %d ms (pending: %d of %d bytes, %d of %d rows; journal: %d of %d bytes)"
                        .formatted(
                                database,
                                waitedMillis,
                                bytes.get(),
                                policy.maxBytes(),
                                rows.get(),
                                policy.maxRows(),
                                journalBytes.getAsLong(),
                                maxJournalBytes),
                null);
    }

    public long bytes() {
        return bytes.get();
    }

    public long rows() {
        return rows.get();
    }
}
