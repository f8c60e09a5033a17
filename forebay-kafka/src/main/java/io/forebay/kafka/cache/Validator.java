package io.forebay.kafka.cache;

import java.util.Optional;

/** Says whether a key may have a value. Must be thread-safe if it is asked for writes. */
@FunctionalInterface
public interface Validator<K, V> {
    /** What is wrong, in words for a log; empty if nothing is. */
    Optional<String> problem(K key, V value);
}
