package io.forebay.internal.pending;

import io.forebay.BufferFullException;
import io.forebay.BufferPolicy;
import io.forebay.FullPolicy;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * How much is pending in one database's buffer, and where writers wait when it is too much. Waited for before any
 * partition's lock is taken, and never by the threads that make room. A write is let in while there is any room, so the
 * limit may be passed by one write per thread. Thread-safe.
 */
public final class Budget {
    private final String database;
    private final BufferPolicy policy;
    private final LongSupplier journalBytes;
    private final long maxJournalBytes;
    private final AtomicLong bytes = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();
    private final Gate gate;

    /**
     * @param journalBytes disk the journal takes now
     * @param maxJournalBytes from where on writes wait for it to shrink
     */
    public Budget(String database, BufferPolicy policy, LongSupplier journalBytes, long maxJournalBytes) {
        this(database, policy, journalBytes, maxJournalBytes, new Gate());
    }

    private Budget(String database, BufferPolicy policy, LongSupplier journalBytes, long maxJournalBytes, Gate gate) {
        this.gate = gate;
        this.database = database;
        this.policy = policy;
        this.journalBytes = journalBytes;
        this.maxJournalBytes = maxJournalBytes;
    }

    /** Another one with the same limits, whose writers wait where those of this one do. */
    Budget sibling() {
        return new Budget(database, policy, journalBytes, maxJournalBytes, gate);
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
        return gate.hasWaiters();
    }

    /**
     * Waits until there is room.
     *
     * @throws BufferFullException if there is none in time, or the policy is to reject
     */
    public void awaitRoom() {
        await(this::hasRoom);
    }

    /** As {@link #awaitRoom}, but any of several budgets may have the room. */
    void await(BooleanSupplier room) {
        if (room.getAsBoolean()) return;
        if (policy.whenFull() == FullPolicy.REJECT) throw full(0);

        long start = System.nanoTime();
        try {
            if (gate.await(room, policy.waitTimeout().toNanos())) return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw full(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
    }

    void add(long moreBytes, long moreRows) {
        if (moreBytes != 0) bytes.addAndGet(moreBytes);
        if (moreRows != 0) rows.addAndGet(moreRows);
        if (moreBytes < 0 || moreRows < 0) gate.wake();
    }

    /** Lets every waiting writer go on, to find out that the engine is closed. */
    public void close() {
        gate.open();
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
