package io.forebay.kafka.cache;

import java.time.Instant;
import org.apache.kafka.common.header.Headers;

/**
 * A record of the topic with its key and value deserialized.
 *
 * @param key never null: records without a key are counted and passed over
 * @param value never null: a record without a value deletes what its key held, without asking anybody
 * @param position where it stands
 * @param timestamp as the topic's setting has it
 * @param headers not to be changed
 */
public record LogRecord<K, V>(K key, V value, LogPosition position, Instant timestamp, Headers headers) {}
