package io.forebay.kafka.cache;

import java.util.Optional;

/**
 * Hears of changes after they can be read, in the order of each partition. One thread calls it, the one that follows the
 * topic: while it is busy here the cache stands still. What it throws is logged and counted, and harms nobody.
 */
@FunctionalInterface
public interface CacheListener<K, V> {
    /**
     * A key got a value or lost it.
     *
     * @param now empty if the key has no value any more
     */
    void changed(K key, Optional<Versioned<V>> now);

    /** The whole content was read anew, see {@link LogCacheState#REBUILDING}: anything may differ, without a call for each key. */
    default void rebuilt() {}
}
