package io.forebay.cdc;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a change passed each stage of its way, by the clocks of the machines it passed; null where a record does not say.
 *
 * @param committed the database committed it; MySQL tells seconds only, and the statement's
 * @param captured Debezium read it
 * @param published it was written to the topic
 * @param received it was handed to the pipeline
 * @param acknowledged the cache has acknowledged all that it concerns
 */
public record Stages(
        @Nullable Instant committed,
        @Nullable Instant captured,
        @Nullable Instant published,
        Instant received,
        Instant acknowledged) {
    /** From the commit to the acknowledgement; empty if the record does not say when it was committed. */
    public Optional<Duration> total() {
        return Optional.ofNullable(committed).map(from -> Duration.between(from, acknowledged));
    }

    /** From the pipeline's taking it to the acknowledgement. */
    public Duration handling() {
        return Duration.between(received, acknowledged);
    }
}
