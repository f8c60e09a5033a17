package io.forebay.cdc;

import io.forebay.cdc.event.ChangeRecord;
import java.time.Instant;
import java.util.Objects;

/**
 * A record that could not be handled, as it came, with the reason.
 *
 * @param at when it was given up
 */
public record DeadLetter(ChangeRecord record, String reason, Instant at) {
    public DeadLetter {
        Objects.requireNonNull(record, "record");
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(at, "at");
    }
}
