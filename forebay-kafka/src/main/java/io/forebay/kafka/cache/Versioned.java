package io.forebay.kafka.cache;

import java.time.Instant;

/**
 * A value and the record it comes from.
 *
 * @param value not to be changed: it is the cache's own
 * @param position of the record
 * @param timestamp of the record; who sets it, the writer or the broker, is a setting of the topic
 */
public record Versioned<V>(V value, LogPosition position, Instant timestamp) {}
