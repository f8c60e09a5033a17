package io.forebay.kafka.cache;

/**
 * A key with what the cache holds for it.
 *
 * @param key the key
 * @param versioned its value and the record it comes from
 */
public record CacheEntry<K, V>(K key, Versioned<V> versioned) {
    public V value() {
        return versioned.value();
    }
}
