package io.forebay.redis.cache;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;

/** What Redis answers to who asks for a value. */
sealed interface Found {
    /**
     * The value is there.
     *
     * @param left how long it still lives
     */
    record Hit(ByteBuffer payload, List<String> tags, Duration left) implements Found {}

    /**
     * It is not, and who asked may load it.
     *
     * @param token to store it with
     */
    record Load(String token) implements Found {}

    /**
     * Someone is loading it.
     *
     * @param left for how long at most
     */
    record Busy(Duration left) implements Found {}

    /** It was invalidated a moment ago: what is loaded now may be from before that. */
    record Quiet() implements Found {}

    /** It is not there, and nothing else was asked. */
    record None() implements Found {}
}
