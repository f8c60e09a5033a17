package io.forebay.internal.share;

import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.internal.flush.Backoff;
import io.forebay.internal.pending.Partition;
import io.forebay.internal.pending.Window;
import io.forebay.spi.Overlay;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.TransientSinkException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this process has written to one partition and the shared journal does not hold yet. One window at a time is on its
 * way; while it is, the next ones merge. One thread calls {@link #sendNext}; the rest is thread-safe.
 */
public final class Outbox {
    private final String database;
    private final Partition partition;
    private final SharedJournal journal;
    private final Backoff backoff;
    private final ForebayListener listener;
    private final LongSupplier nanoTime;
    private final Consumer<Window> placed;
    private final Runnable wake;
    private final Deque<Window> waiting = new ArrayDeque<>(); // of the sending thread
    private volatile boolean underWay;
    private volatile @Nullable Window again;
    private volatile long notBeforeNanos;
    private volatile long acknowledged;
    private volatile long refused; // written by one thread at a time

    /**
     * @param placed told of each window that the journal holds, before anybody is told that it does
     * @param wake lets the sending thread come by again
     */
    public Outbox(
            String database,
            Partition partition,
            SharedJournal journal,
            Backoff backoff,
            ForebayListener listener,
            LongSupplier nanoTime,
            Consumer<Window> placed,
            Runnable wake) {
        this.database = database;
        this.partition = partition;
        this.journal = journal;
        this.backoff = backoff;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.placed = placed;
        this.wake = wake;
        this.notBeforeNanos = nanoTime.getAsLong();
    }

    public Partition partition() {
        return partition;
    }

    /**
     * Sends the next window if none is on its way.
     *
     * @return nanoseconds until there may be more to do; {@link Long#MAX_VALUE} if somebody will say
     */
    public long sendNext() {
        if (underWay) return Long.MAX_VALUE;
        long early = notBeforeNanos - nanoTime.getAsLong();
        if (early > 0) return early;
        Window window = next();
        if (window == null) return Long.MAX_VALUE;
        send(window);
        return 0;
    }

    private @Nullable Window next() {
        Window failed = again;
        again = null;
        if (failed != null) return failed;
        if (waiting.isEmpty()) waiting.addAll(swap());
        return waiting.poll();
    }

    private List<Window> swap() {
        partition.lock();
        try {
            return partition.swap();
        } finally {
            partition.unlock();
        }
    }

    private void send(Window window) {
        underWay = true;
        long start = nanoTime.getAsLong();
        try {
            CompletableFuture<Long> unused = journal.append(partition.number(), window.sequence(), content(window))
                    .whenComplete((sequence, failure) -> answered(window, sequence, failure, start));
        } catch (RuntimeException e) {
            answered(window, null, e, start);
        }
    }

    private static SharedWindow content(Window window) {
        List<PendingRow> rows = new ArrayList<>(window.rowCount());
        window.forEachRow((key, stages) -> rows.add(new PendingRow(key, stages)));
        return new SharedWindow(rows, List.copyOf(window.appends()));
    }

    private void answered(Window window, @Nullable Long sequence, @Nullable Throwable failure, long start) {
        if (sequence != null) accept(window, sequence, start);
        else if (cause(failure) instanceof ForebayException e && !(e instanceof TransientSinkException))
            refuse(window, e);
        else retry(window, cause(failure));
        underWay = false;
        wake.run();
    }

    private static @Nullable Throwable cause(@Nullable Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private void accept(Window window, long sequence, long start) {
        backoff.reset();
        acknowledged = window.sequence(); // before the window goes: a read sees it here or there
        window.ack().placed(sequence);
        placed.accept(window);
        partition.handedOver(window);
        window.ack().completeJournaled();
        window.ack().completeSynced();
        listener.forced(database, 1, Duration.ofNanos(nanoTime.getAsLong() - start));
    }

    private void refuse(Window window, ForebayException reason) {
        refused += window.mutations();
        partition.refuse(window, reason);
        listener.refused(database, 1, reason);
    }

    /** Whether the journal has it is not known: the same window under the same number finds out. */
    private void retry(Window window, @Nullable Throwable reason) {
        long wait = backoff.nextNanos();
        notBeforeNanos = nanoTime.getAsLong() + wait;
        again = window;
        ForebayException why = reason instanceof ForebayException known
                ? known
                : new TransientSinkException(journal.description() + " failed: " + reason, reason);
        listener.retrying(database, partition.number(), why, Duration.ofNanos(wait));
    }

    /** Writes that the journal refused. */
    public long refused() {
        return refused;
    }

    /** Whether nothing is on its way, and nothing waits to be. */
    public boolean isEmpty() {
        return partition.newestAck() == null;
    }

    /** Takes no more writes, and fails those that the journal may not hold. Nothing is sent any more. */
    public void close(RuntimeException reason) {
        partition.lock();
        try {
            partition.close();
            waiting.addAll(partition.swap());
        } finally {
            partition.unlock();
        }
        for (Window window : partition.writing()) window.ack().fail(reason);
    }

    /**
     * What is pending for a row: what the journal holds, and on top of it what is only here. What is only here may get into
     * the journal and be flushed at any moment, so its layer begins where the journal's share cannot grow any
     * more: a database that is further may hold it, and the read has to start over.
     */
    public Overlay overlay(RowKey key) {
        List<Overlay.Slice> here = partition.overlay(key).slices();
        SharedJournal.Tail tail = journal.tail(partition.number(), key, acknowledged);
        List<Overlay.Slice> slices = new ArrayList<>(tail.overlay().slices());
        for (Overlay.Slice slice : here)
            if (slice.to() > tail.seen()) slices.add(new Overlay.Slice(tail.upTo(), Long.MAX_VALUE, slice.stages()));
        return new Overlay(tail.overlay().released(), slices);
    }
}
