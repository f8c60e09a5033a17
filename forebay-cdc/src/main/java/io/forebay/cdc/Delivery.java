package io.forebay.cdc;

import io.forebay.cdc.event.ChangeRecord;
import java.util.Objects;

/**
 * A record on its way from a source.
 *
 * @param stream names the sequence that the record belongs to; records of one stream are handed over in their order
 * @param done is run once, by any thread, when all that the record concerns was acknowledged, or the record is in the dead
 *     letters; it must be quick and must not throw
 */
public record Delivery(String stream, ChangeRecord record, Runnable done) {
    public Delivery {
        Objects.requireNonNull(stream, "stream");
        Objects.requireNonNull(record, "record");
        Objects.requireNonNull(done, "done");
    }
}
