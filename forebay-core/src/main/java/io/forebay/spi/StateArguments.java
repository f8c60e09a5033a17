package io.forebay.spi;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What every {@link io.forebay.state.SharedState} checks in the same way before it does anything. */
public final class StateArguments {
    private static final int MAX_NAME = 10_000;
    private static final Duration MAX_TTL = Duration.ofDays(36_500);

    private StateArguments() {}

    /**
     * Returns the name of a key, field, lease or channel.
     *
     * @param what it names, for the message
     * @throws IllegalArgumentException if it is null, too long, or no text that UTF-8 can hold
     */
    public static String name(String what, @Nullable String name) {
        if (name == null) throw new IllegalArgumentException("the " + what + " must not be null");
        if (name.length() > MAX_NAME)
            throw new IllegalArgumentException(
                    "the %s has %d characters, at most %d are possible".formatted(what, name.length(), MAX_NAME));
        return JsonValue.text(name);
    }

    /**
     * The values in normal form.
     *
     * @throws IllegalArgumentException if there is none, or one is wrong
     */
    public static List<Object> values(String asked, String key, @Nullable Object... values) {
        if (values.length == 0) throw new IllegalArgumentException(asked + " of key '" + key + "' needs a value");
        List<Object> normal = new ArrayList<>(values.length);
        for (Object value : values) normal.add(JsonValue.normal(value));
        return normal;
    }

    /**
     * The fields with values in normal form.
     *
     * @throws IllegalArgumentException if there is none, or one is wrong
     */
    public static Map<String, Object> fields(String key, Map<String, ?> fields) {
        if (fields.isEmpty()) throw new IllegalArgumentException("putFields of key '" + key + "' needs a field");
        Map<String, Object> normal = new TreeMap<>();
        fields.forEach((name, value) -> normal.put(name("field", name), JsonValue.normal(value)));
        return normal;
    }

    /**
     * Whole milliseconds.
     *
     * @throws IllegalArgumentException if it is less than 1 ms or more than 36,500 days
     */
    public static long ttlMillis(Duration ttl) {
        if (ttl.compareTo(Duration.ofMillis(1)) < 0 || ttl.compareTo(MAX_TTL) > 0)
            throw new IllegalArgumentException("ttl must be at least 1 ms and at most 36,500 days, was " + ttl);
        return ttl.toMillis();
    }

    /**
     * An amount to take away.
     *
     * @throws IllegalArgumentException if its opposite has no 64 bits
     */
    public static long decrement(String key, long amount) {
        if (amount == Long.MIN_VALUE)
            throw new IllegalArgumentException(
                    "decrementBy of key '%s' by %d is not possible: its opposite is no number of 64 bits"
                            .formatted(key, amount));
        return amount;
    }
}
