package io.forebay.spi;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The one form in which a shared state keeps values and gives them back, so that equal values are equal wherever they come
 * from: see {@link io.forebay.state.SharedState} for what it is.
 */
public final class JsonValue {
    private static final int MAX_SIZE = 16 << 20;
    private static final int MAX_DEPTH = 100;
    private static final int MAX_DIGITS = 1_000;
    private static final int MAX_SCALE = 10_000;
    private static final int LONG_DIGITS = 19;

    private int size;

    private JsonValue() {}

    /**
     * An immutable copy of the value in normal form.
     *
     * @throws IllegalArgumentException if it is null, no value of JSON, or too large
     */
    public static Object normal(@Nullable Object value) {
        if (value == null) throw new IllegalArgumentException("a value must not be null; within lists and maps it may");
        return new JsonValue().copy(value, 0);
    }

    /** Returns the text if it has a form in UTF-8. */
    static String text(String text) {
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE))
            throw new IllegalArgumentException("a text has half of a pair of surrogates, which no encoding can hold");
        return text;
    }

    private Object copy(Object value, int depth) {
        if (depth > MAX_DEPTH)
            throw new IllegalArgumentException("a value has more than %d levels".formatted(MAX_DEPTH));
        count(1);
        if (value instanceof String string) return counted(string);
        if (value instanceof Boolean) return value;
        if (value instanceof Number number) return number(number);
        if (value instanceof List<?> list) return list(list, depth);
        if (value instanceof Map<?, ?> map) return map(map, depth);
        throw new IllegalArgumentException("%s is no type of JSON: give a String, Boolean, number, List or Map"
                .formatted(value.getClass().getName()));
    }

    private String counted(String string) {
        count(string.length());
        return text(string);
    }

    private void count(int more) {
        size += more;
        if (size > MAX_SIZE)
            throw new IllegalArgumentException("a value has more than %d characters and elements".formatted(MAX_SIZE));
    }

    private List<@Nullable Object> list(List<?> list, int depth) {
        List<@Nullable Object> copy = new ArrayList<>(list.size());
        for (Object element : list) copy.add(element(element, depth));
        return Collections.unmodifiableList(copy);
    }

    private Map<String, @Nullable Object> map(Map<?, ?> map, int depth) {
        Map<String, @Nullable Object> copy = new TreeMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof String key))
                throw new IllegalArgumentException(
                        "a map has the key %s, which is no String".formatted(entry.getKey()));
            copy.put(counted(key), element(entry.getValue(), depth));
        }
        return Collections.unmodifiableMap(copy);
    }

    private @Nullable Object element(@Nullable Object element, int depth) {
        return element == null ? null : copy(element, depth + 1);
    }

    private static Object number(Number number) {
        if (number instanceof Long || number instanceof Integer || number instanceof Short || number instanceof Byte)
            return number.longValue();
        BigDecimal decimal = decimal(number).stripTrailingZeros();
        if (decimal.precision() > MAX_DIGITS || Math.abs((long) decimal.scale()) > MAX_SCALE)
            throw new IllegalArgumentException(
                    "a number has %d digits and the exponent %d: at most %d and %d are possible"
                            .formatted(decimal.precision(), -decimal.scale(), MAX_DIGITS, MAX_SCALE));
        return wholeOr(decimal);
    }

    private static Object wholeOr(BigDecimal decimal) {
        if (decimal.scale() > 0 || decimal.precision() - decimal.scale() > LONG_DIGITS) return decimal;
        BigInteger whole = decimal.toBigIntegerExact();
        return whole.bitLength() < Long.SIZE ? (Object) whole.longValue() : decimal;
    }

    private static BigDecimal decimal(Number number) {
        if (number instanceof BigDecimal decimal) return decimal;
        if (number instanceof BigInteger whole) return new BigDecimal(whole);
        if (!(number instanceof Double) && !(number instanceof Float))
            throw new IllegalArgumentException("%s is no type of a number that is known"
                    .formatted(number.getClass().getName()));
        if (!Double.isFinite(number.doubleValue()))
            throw new IllegalArgumentException("%s is no number of JSON".formatted(number));
        return new BigDecimal(number.toString());
    }
}
