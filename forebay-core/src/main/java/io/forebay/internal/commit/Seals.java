package io.forebay.internal.commit;

import io.forebay.internal.codec.Seal;
import io.forebay.spi.Watermark;
import java.util.concurrent.CompletableFuture;

/** Where a flush notes what it is about to send, and what the database holds. Thread-safe. */
public interface Seals {
    /** Notes the boundaries and the id of a batch; completes when the note is as durable as it has to be. */
    CompletableFuture<Void> seal(Seal seal);

    /** Notes what the database holds. */
    void reached(int partition, Watermark watermark);
}
