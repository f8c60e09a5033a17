package io.forebay.redis.cache;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a cache knows of a key.
 *
 * @param value empty if it is known that there is none
 */
record Known<V>(Optional<V> value) {
    static <V> Known<V> of(@Nullable V value) {
        return new Known<>(Optional.ofNullable(value));
    }
}
