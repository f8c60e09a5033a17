package io.forebay.cdc;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** What a source hands its records to. Thread-safe. */
public interface ChangeHandler {
    /** Takes the records and returns without waiting for anything; each of them says itself when it is done. */
    void handle(List<Delivery> deliveries);

    /** Whether so much is under way that the source should wait before it hands over more. */
    boolean isFull();

    /**
     * Changes may have been missed: everything is invalidated. To be called when it is certain that every later change will be
     * told.
     *
     * @param reason what happened, for logs and counters
     * @return completes when it is done, however long that takes. Until then the source must not remember a position behind the gap
     */
    CompletionStage<Void> gap(String reason);
}
