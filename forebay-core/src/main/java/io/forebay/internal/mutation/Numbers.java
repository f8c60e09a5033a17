package io.forebay.internal.mutation;

import io.forebay.spi.ColumnType;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Exact sums, and an order over every class a value can have. */
final class Numbers {
    private Numbers() {}

    /** Sum of two deltas: a long where it fits, wider where it does not; doubles as doubles. */
    static Number sum(Number left, Number right) {
        if (left instanceof Long a && right instanceof Long b) {
            long sum = a + b;
            boolean overflown = ((a ^ sum) & (b ^ sum)) < 0;
            if (!overflown) return sum;
        }
        if (left instanceof Double || right instanceof Double) return left.doubleValue() + right.doubleValue();
        return decimal(left).add(decimal(right));
    }

    /** The value a column holds after {@code delta} is added to {@code value}, null counting as zero. */
    static Number plus(@Nullable Object value, Number delta, ColumnType type) {
        Number sum = value == null ? delta : sum((Number) value, delta);
        if (type instanceof ColumnType.Whole && sum instanceof BigDecimal wide && fitsLong(wide))
            return wide.longValue();
        if (type instanceof ColumnType.Decimal decimal && decimal.precision() == 0)
            return (Number) type.normalise(decimal(sum));
        if (type instanceof ColumnType.Floating floating && floating.single())
            return (double) (float) sum.doubleValue();
        return sum;
    }

    /** Orders two values of one column; a whole number that outgrew its column compares with one that did not. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // values of one ordered column are mutually comparable
    static int compare(Object left, Object right) {
        if (left.getClass() != right.getClass() && left instanceof Number a && right instanceof Number b)
            return decimal(a).compareTo(decimal(b));
        return ((Comparable) left).compareTo(right);
    }

    private static boolean fitsLong(BigDecimal value) {
        return value.compareTo(MIN_LONG) >= 0 && value.compareTo(MAX_LONG) <= 0;
    }

    private static BigDecimal decimal(Number number) {
        return number instanceof BigDecimal decimal ? decimal : BigDecimal.valueOf(number.longValue());
    }

    private static final BigDecimal MIN_LONG = BigDecimal.valueOf(Long.MIN_VALUE);
    private static final BigDecimal MAX_LONG = BigDecimal.valueOf(Long.MAX_VALUE);
}
