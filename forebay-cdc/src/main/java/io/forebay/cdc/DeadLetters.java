package io.forebay.cdc;

import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** Where records go that could not be handled. Thread-safe. */
public interface DeadLetters extends AutoCloseable {
    /**
     * Keeps a letter; when it returns, the letter is durable.
     *
     * @throws RuntimeException if that is not known; it is called again then
     */
    void add(DeadLetter letter);

    /**
     * Hands all letters that are there to {@code handler}, in their order, and removes those that it has handled; the others stay.
     * A process that dies in the middle leaves all of them.
     *
     * @param handler completes with whether the letter was handled
     * @return how many were handled, and how many stay
     */
    Replayed replay(Function<DeadLetter, CompletableFuture<Boolean>> handler) throws InterruptedException;

    @Override
    void close();

    /**
     * What became of dead letters.
     *
     * @param handled how many are gone
     * @param left how many stay
     */
    record Replayed(int handled, int left) {}
}
