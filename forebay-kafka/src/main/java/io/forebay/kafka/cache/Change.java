package io.forebay.kafka.cache;

import java.util.List;

/**
 * What a {@link Resolver} makes of a record: a key that gets a value, or a key that loses it.
 */
public sealed interface Change<K, V> {
    /** The key in the cache; it need not be that of the record. */
    K key();

    /** The key gets the value. */
    static <K, V> Change<K, V> put(K key, V value) {
        return new Put<>(key, value);
    }

    /** The key has no value, whatever older records gave it. */
    static <K, V> Change<K, V> delete(K key) {
        return new Delete<>(key);
    }

    /** The record is of no interest; what an older record with its key put is gone, as with any newer record. */
    static <K, V> List<Change<K, V>> skip() {
        return List.of();
    }

    /** See {@link Change#put}. */
    record Put<K, V>(K key, V value) implements Change<K, V> {}

    /** See {@link Change#delete}. */
    record Delete<K, V>(K key) implements Change<K, V> {}
}
