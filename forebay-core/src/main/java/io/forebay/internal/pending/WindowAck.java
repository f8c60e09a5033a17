package io.forebay.internal.pending;

import io.forebay.DeadLetteredException;
import io.forebay.Position;
import io.forebay.spi.DeadLetter;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The receipt of one window, with a stage per level of durability. Completed in the order of the levels; a failure fails
 * all that are still open. Thread-safe.
 */
public final class WindowAck {
    private volatile Position position;
    private final CompletableFuture<Void> journaled = new CompletableFuture<>();
    private final CompletableFuture<Void> synced = new CompletableFuture<>();
    private final CompletableFuture<List<DeadLetter>> flushed = new CompletableFuture<>();

    WindowAck(Position position) {
        this.position = position;
    }

    /** Where the window is; for one that goes to a journal outside of this process, known when it is journaled. */
    public Position position() {
        return position;
    }

    /** The window has got its sequence from a journal outside of this process. */
    public void placed(long sequence) {
        position = new Position(position.partition(), sequence);
    }

    public CompletableFuture<Void> journaled() {
        return journaled;
    }

    public CompletableFuture<Void> synced() {
        return synced;
    }

    /** Completes with the dead letters of the batch the window went out with. */
    public CompletableFuture<List<DeadLetter>> flushed() {
        return flushed;
    }

    public void completeJournaled() {
        journaled.complete(null);
    }

    public void completeSynced() {
        synced.complete(null);
    }

    public void completeFlushed(List<DeadLetter> deadLetters) {
        flushed.complete(deadLetters);
    }

    /** The database will not hold the window before a person has done something. */
    public void failFlushed(RuntimeException reason) {
        flushed.completeExceptionally(reason);
    }

    /** The window will not become any more durable than it is. */
    public void fail(RuntimeException reason) {
        journaled.completeExceptionally(reason);
        synced.completeExceptionally(reason);
        flushed.completeExceptionally(reason);
    }

    /** The exception for a waiter whose own row was refused. */
    public static DeadLetteredException refusal(DeadLetter letter) {
        return new DeadLetteredException(
                "the database refused %s: %s (SQLSTATE %s); it is in forebay_dead_letter"
                        .formatted(
                                letter.key() == null ? "an insert into " + letter.table() : letter.key(),
                                letter.message(),
                                letter.state()),
                null);
    }
}
