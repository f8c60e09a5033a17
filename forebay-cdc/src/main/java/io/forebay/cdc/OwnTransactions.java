package io.forebay.cdc;

import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The transactions that this process itself has committed, and after whose commit it has itself brought the cache up to date: what
 * they changed need not be invalidated when the source tells of it. Only for a while, and only so many. Thread-safe.
 *
 * <p>A transaction's name is what {@link io.forebay.cdc.event.ChangeEvent#transaction} has: PostgreSQL's {@code
 * pg_current_xact_id()::xid}, asked inside the transaction; MySQL's GTID. Add it after the cache was brought up to date, not before:
 * until then the event has to do it.
 */
public final class OwnTransactions {
    private final long keepNanos;
    private final int limit;
    private final LongSupplier nanoTime;
    private final Map<String, Long> addedNanos = new LinkedHashMap<>(); // oldest first; guarded by this

    private OwnTransactions(Duration keep, int limit, LongSupplier nanoTime) {
        if (keep.isNegative() || keep.isZero())
            throw new IllegalArgumentException("keep must be positive, was " + keep);
        if (limit < 1) throw new IllegalArgumentException("limit must be at least 1, was " + limit);
        this.keepNanos = keep.toNanos();
        this.limit = limit;
        this.nanoTime = nanoTime;
    }

    /** Remembers up to 100,000 transactions for a minute. */
    public static OwnTransactions create() {
        return create(Duration.ofMinutes(1), 100_000);
    }

    /**
     * @param keep how long one is remembered; PostgreSQL's names come again after four thousand million transactions
     * @param limit how many are remembered; past it the oldest is forgotten, and its event invalidates as any other
     */
    public static OwnTransactions create(Duration keep, int limit) {
        return create(keep, limit, System::nanoTime);
    }

    static OwnTransactions create(Duration keep, int limit, LongSupplier nanoTime) {
        return new OwnTransactions(keep, limit, nanoTime);
    }

    /** Remembers a transaction. */
    public synchronized void add(String transaction) {
        addedNanos.remove(transaction);
        addedNanos.put(transaction, nanoTime.getAsLong());
        forget();
    }

    /** Whether the transaction is remembered. */
    public synchronized boolean contains(String transaction) {
        forget();
        return addedNanos.containsKey(transaction);
    }

    private void forget() {
        long now = nanoTime.getAsLong();
        Iterator<Long> oldest = addedNanos.values().iterator();
        while (oldest.hasNext() && (now - oldest.next() > keepNanos || addedNanos.size() > limit)) oldest.remove();
    }
}
