package io.forebay.internal.share;

import io.forebay.internal.pending.Partition;
import io.forebay.internal.pending.Window;
import io.forebay.spi.FedWindow;
import io.forebay.spi.TableInfo;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * One partition as the process sees it that may flush it: whether it is assigned here, and from where on it is to be fed.
 * Pieces that were on their way when either changed are not taken. Thread-safe.
 */
public final class Lane {
    private final Partition partition;
    private final int maxRows;
    private boolean assigned; // guarded by this, as all below
    private boolean beginAsked;
    private boolean begun;
    private long fedUpTo;

    /** @param maxRows from how many pending rows on nothing more is wanted */
    public Lane(Partition partition, int maxRows) {
        this.partition = partition;
        this.maxRows = maxRows;
    }

    public Partition partition() {
        return partition;
    }

    /** Notes whether the partition is to be flushed here; returns whether that is news. */
    public synchronized boolean assign(boolean isAssigned) {
        if (assigned == isAssigned) return false;
        assigned = isAssigned;
        if (!isAssigned) stop();
        return true;
    }

    private void stop() {
        beginAsked = false;
        begun = false;
        partition.forget();
    }

    synchronized boolean isAssigned() {
        return assigned;
    }

    /** Begins anew behind a watermark, with nothing pending; returns false if the partition is not assigned here any more. */
    synchronized boolean restart(long watermark) {
        if (!assigned) return false;
        stop();
        partition.restart(watermark);
        fedUpTo = watermark;
        beginAsked = true;
        return true;
    }

    /** Behind which sequence the feed is to begin; empty if it goes on as it does. */
    public synchronized OptionalLong takeBegin() {
        if (!beginAsked) return OptionalLong.empty();
        beginAsked = false;
        begun = true;
        return OptionalLong.of(fedUpTo);
    }

    /** Whether more is wanted. */
    public synchronized boolean isHungry() {
        return begun && partition.pendingRows() < maxRows;
    }

    /**
     * Takes the next piece.
     *
     * @return false if it does not begin where the last one ended: the partition has to be taken anew
     */
    public synchronized boolean feed(FedWindow piece, Function<String, TableInfo> tables, LongSupplier nanoTime) {
        if (!begun) return true;
        if (piece.from() != fedUpTo) {
            begun = false;
            return false;
        }
        partition.feed(Window.fed(piece, nanoTime.getAsLong() - piece.age().toNanos(), tables));
        fedUpTo = piece.to();
        return true;
    }

    /** How far the database is known to be, if this process is the one that knows. */
    public synchronized OptionalLong flushed() {
        return begun ? OptionalLong.of(partition.released()) : OptionalLong.empty();
    }
}
