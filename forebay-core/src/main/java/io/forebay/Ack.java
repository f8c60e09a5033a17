package io.forebay;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * The receipt of a write. Completes when the write is as durable as it was asked to be; one that nobody looks at is fine.
 * Thread-safe.
 */
public interface Ack {
    /**
     * Waits until the write is as durable as it was asked to be.
     *
     * @throws JournalWriteException if the write was refused: it is not in the journal and never will be
     * @throws JournalForceException if the write may or may not survive
     * @throws DeadLetteredException for {@link Durability#FLUSHED}, if the database refused the row
     * @throws AckException if the thread is interrupted (its flag stays set) or Forebay closes before
     */
    void await();

    /**
     * As {@link #await()}, for at most {@code timeout}.
     *
     * @throws AckException if the time is over; the write goes on regardless
     */
    void await(Duration timeout);

    /** As {@link #await()}, until the database holds the write; asks for an early flush. */
    void awaitFlushed();

    /** Completes as {@link #await()} returns, with its exceptions. Completing it oneself changes nothing. */
    CompletableFuture<Void> toCompletableFuture();

    /** Where the write stands in the journal. */
    Position position();
}
