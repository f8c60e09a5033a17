package io.forebay.cdc.rule;

import io.forebay.cdc.event.Payload;

/**
 * A value for an entry.
 *
 * @param fence of the changes of one key only a strictly greater one wins
 */
public record Refresh(Payload value, long fence) {}
