package io.forebay.internal.mutation;

import io.forebay.spi.Bytes;
import io.forebay.spi.DocumentAlgebra;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Documents that are one number, {@code n}, and operations that add to it; those that add 13 have an outcome that nobody knows
 * for certain.
 */
public final class CountingAlgebra implements DocumentAlgebra {
    static final String NAME = "counting";

    private static final long UNCLEAR = 13;

    static Bytes bytes(long number) {
        return Bytes.copyOf(Long.toString(number).getBytes(StandardCharsets.US_ASCII));
    }

    static long number(Bytes bytes) {
        return Long.parseLong(new String(bytes.toArray(), StandardCharsets.US_ASCII));
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Bytes key(Object value) {
        if (value instanceof Number number) return bytes(number.longValue());
        throw new IllegalArgumentException("a key is a number");
    }

    @Override
    public Bytes newKey() {
        return bytes(4711);
    }

    @Override
    public Bytes document(Map<String, ? extends @Nullable Object> fields) {
        return bytes(((Number) fields.get("n")).longValue());
    }

    @Override
    public Bytes set(Map<String, ? extends @Nullable Object> fields) {
        return document(fields);
    }

    @Override
    public Bytes increment(String field, Number delta) {
        if (!field.equals("n")) throw new IllegalArgumentException("there is only n");
        return bytes(delta.longValue());
    }

    @Override
    public Bytes max(String field, Object value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Bytes min(String field, Object value) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Bytes merge(Bytes older, Bytes newer) {
        return bytes(number(older) + number(newer));
    }

    @Override
    public Outcome apply(Bytes document, Bytes operations) {
        return new Outcome(merge(document, operations), number(operations) != UNCLEAR);
    }

    @Override
    public Outcome create(Bytes operations) {
        return apply(bytes(0), operations);
    }

    @Override
    public Map<String, @Nullable Object> fields(Bytes key, Bytes document) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("_id", number(key));
        fields.put("n", number(document));
        fields.put("nested", Map.of("deep", number(document)));
        return fields;
    }
}
