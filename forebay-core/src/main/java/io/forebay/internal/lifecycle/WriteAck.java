package io.forebay.internal.lifecycle;

import io.forebay.Ack;
import io.forebay.AckException;
import io.forebay.Durability;
import io.forebay.ForebayException;
import io.forebay.Position;
import io.forebay.internal.pending.WindowAck;
import io.forebay.spi.DeadLetter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One write's view of its window's ack: the level it asked for, and its own row among the dead letters. */
final class WriteAck implements Ack {
    private final WindowAck window;
    private final Durability durability;
    private final @Nullable Write write;
    private final Downstream downstream;

    /** @param write null for the position of a source, which no database refuses */
    WriteAck(WindowAck window, Durability durability, @Nullable Write write, Downstream downstream) {
        this.window = window;
        this.durability = durability;
        this.write = write;
        this.downstream = downstream;
        if (durability == Durability.FLUSHED) downstream.flushSoon(window);
    }

    @Override
    public void await() {
        join(toCompletableFuture());
    }

    @Override
    public void await(Duration timeout) {
        join(toCompletableFuture(), timeout);
    }

    @Override
    public void awaitFlushed() {
        downstream.flushSoon(window);
        join(flushed());
    }

    @Override
    public CompletableFuture<Void> toCompletableFuture() {
        return switch (durability) {
            case MEMORY -> CompletableFuture.completedFuture(null);
            case JOURNALED -> window.journaled().copy();
            case SYNCED -> window.synced().copy();
            case FLUSHED -> flushed();
        };
    }

    private CompletableFuture<Void> flushed() {
        return window.flushed().thenAccept(this::throwIfRefused);
    }

    private void throwIfRefused(List<DeadLetter> letters) {
        for (DeadLetter letter : letters)
            if (write != null && Refusals.isOf(write, letter)) throw WindowAck.refusal(letter);
    }

    @Override
    public Position position() {
        return downstream.position(window);
    }

    static <V extends @Nullable Object> V join(CompletableFuture<V> future) {
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AckException("interrupted while waiting for a write", e);
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    static void join(CompletableFuture<?> future, Duration timeout) {
        try {
            future.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AckException("interrupted while waiting for a write", e);
        } catch (TimeoutException e) {
            throw new AckException("a write was not as durable as asked within " + timeout, e);
        } catch (ExecutionException e) {
            throw failure(e);
        }
    }

    private static RuntimeException failure(ExecutionException e) {
        if (e.getCause() instanceof ForebayException reason) return reason;
        return new AckException("waiting for a write failed", e);
    }
}
