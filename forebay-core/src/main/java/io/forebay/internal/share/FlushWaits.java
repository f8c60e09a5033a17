package io.forebay.internal.share;

import io.forebay.internal.pending.Window;
import io.forebay.internal.pending.WindowAck;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.Refused;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Who waits for a partition's watermark: the acks of this process's windows, and callers of flush. Whoever flushes them may
 * be another process, so the database is asked. Thread-safe.
 */
public final class FlushWaits {
    private final Deque<WindowAck> acks = new ArrayDeque<>(); // guarded by this, as all below; ascending
    private final List<Flush> flushes = new ArrayList<>();
    private long reached;
    private long wanted;

    private record Flush(long upTo, CompletableFuture<Void> done) {}

    /** A window that the journal holds now. */
    public synchronized void add(Window window) {
        acks.add(window.ack());
    }

    /** Completes {@code done} when the watermark is at {@code upTo}. */
    public void await(long upTo, CompletableFuture<Void> done) {
        boolean there;
        synchronized (this) {
            there = upTo <= reached;
            if (!there) flushes.add(new Flush(upTo, done));
        }
        if (there) done.complete(null);
    }

    /** Somebody waits for the watermark to be there. */
    public synchronized void want(long sequence) {
        wanted = Math.max(wanted, sequence);
    }

    /** Whether somebody waits at this moment, and is not only to be told some day. */
    public synchronized boolean isUrgent() {
        return !flushes.isEmpty() || wanted > reached;
    }

    /** Whether anything waits. */
    public synchronized boolean isEmpty() {
        return acks.isEmpty() && flushes.isEmpty();
    }

    /** The watermark as it was last seen. */
    public synchronized long reached() {
        return reached;
    }

    /** Completes those whose writes the database holds. */
    public void advance(long watermark, List<Refused> refused) {
        List<WindowAck> held = new ArrayList<>();
        List<Flush> done = new ArrayList<>();
        synchronized (this) {
            reached = Math.max(reached, watermark);
            while (!acks.isEmpty() && acks.peek().position().sequence() <= watermark) held.add(acks.remove());
            for (Flush flush : flushes) if (flush.upTo() <= watermark) done.add(flush);
            flushes.removeAll(done);
        }
        for (WindowAck ack : held) ack.completeFlushed(lettersOf(ack.position().sequence(), refused));
        for (Flush flush : done) flush.done().complete(null);
    }

    private static List<DeadLetter> lettersOf(long sequence, List<Refused> refused) {
        return refused.stream()
                .filter(one -> one.from() < sequence && sequence <= one.to())
                .map(Refused::letter)
                .toList();
    }

    /** Tells everybody that it will not happen. */
    public void fail(RuntimeException reason) {
        List<WindowAck> failed;
        List<Flush> flushed;
        synchronized (this) {
            failed = List.copyOf(acks);
            flushed = List.copyOf(flushes);
            acks.clear();
            flushes.clear();
        }
        for (WindowAck ack : failed) ack.failFlushed(reason);
        for (Flush flush : flushed) flush.done().completeExceptionally(reason);
    }
}
