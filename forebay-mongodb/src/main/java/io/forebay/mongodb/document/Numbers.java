package io.forebay.mongodb.document;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.function.BinaryOperator;
import java.util.function.DoubleBinaryOperator;
import org.bson.BsonDecimal128;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.bson.types.Decimal128;

/** Numbers as the server counts: 32 bits grow to 64, 64 bits are refused when they overflow, the wider type wins. */
final class Numbers {
    private static final MathContext DOUBLE_DIGITS = new MathContext(15, RoundingMode.HALF_EVEN);

    private Numbers() {}

    static boolean isNumber(BsonValue value) {
        return switch (value.getBsonType()) {
            case INT32, INT64, DOUBLE, DECIMAL128 -> true;
            default -> false;
        };
    }

    static boolean isWhole(BsonValue value) {
        return value.getBsonType() == BsonType.INT32 || value.getBsonType() == BsonType.INT64;
    }

    static BigInteger whole(BsonValue value) {
        return BigInteger.valueOf(value.asNumber().longValue());
    }

    static boolean isNaN(BsonValue value) {
        return value.getBsonType() == BsonType.DECIMAL128
                ? value.asDecimal128().getValue().isNaN()
                : value.getBsonType() == BsonType.DOUBLE
                        && Double.isNaN(value.asDouble().getValue());
    }

    /** Compares by value, whatever the types; not a number is the smallest. */
    static int compare(BsonValue a, BsonValue b) {
        if (isWhole(a) && isWhole(b))
            return Long.compare(a.asNumber().longValue(), b.asNumber().longValue());
        if (isNaN(a) || isNaN(b)) return Boolean.compare(!isNaN(a), !isNaN(b));
        int infinite = Integer.compare(infinity(a), infinity(b));
        return infinite != 0 || infinity(a) != 0 ? infinite : exact(a).compareTo(exact(b));
    }

    /** -1, 0 or 1: below all numbers, one of them, or above. */
    static int infinity(BsonValue value) {
        if (value.getBsonType() == BsonType.DECIMAL128) {
            Decimal128 decimal = value.asDecimal128().getValue();
            return !decimal.isInfinite() ? 0 : decimal.isNegative() ? -1 : 1;
        }
        double number = value.asNumber().doubleValue();
        return !Double.isInfinite(number) ? 0 : number < 0 ? -1 : 1;
    }

    /** A finite number, exactly. */
    static BigDecimal exact(BsonValue value) {
        return switch (value.getBsonType()) {
            case INT32, INT64 -> BigDecimal.valueOf(value.asNumber().longValue());
            case DOUBLE -> new BigDecimal(value.asDouble().getValue());
            default -> finite(value.asDecimal128().getValue());
        };
    }

    private static BigDecimal finite(Decimal128 value) {
        boolean negativeZero =
                value.isNegative() && !value.isInfinite() && value.compareTo(Decimal128.POSITIVE_ZERO) == 0;
        return negativeZero ? BigDecimal.ZERO : value.bigDecimalValue();
    }

    /** @throws RefusedException if {@code value} is no number, or 64 bits do not hold the sum */
    static BsonValue add(BsonValue value, BsonValue delta) {
        return combine(value, delta, BigInteger::add, Double::sum, BigDecimal::add);
    }

    /** @throws RefusedException if {@code value} is no number, or 64 bits do not hold the product */
    static BsonValue multiply(BsonValue value, BsonValue factor) {
        return combine(value, factor, BigInteger::multiply, (a, b) -> a * b, BigDecimal::multiply);
    }

    private static BsonValue combine(
            BsonValue a,
            BsonValue b,
            BinaryOperator<BigInteger> whole,
            DoubleBinaryOperator floating,
            BinaryOperator<BigDecimal> decimal) {
        if (!isNumber(a)) throw new RefusedException("it is of type " + a.getBsonType() + ", not a number");
        if (isWhole(a) && isWhole(b)) {
            boolean narrow = a.getBsonType() == BsonType.INT32 && b.getBsonType() == BsonType.INT32;
            return whole(whole.apply(whole(a), whole(b)), narrow);
        }
        if (a.getBsonType() != BsonType.DECIMAL128 && b.getBsonType() != BsonType.DECIMAL128)
            return new BsonDouble(floating.applyAsDouble(
                    a.asNumber().doubleValue(), b.asNumber().doubleValue()));
        return decimal(a, b, floating, decimal);
    }

    /** A whole number in 32 bits if it may and does fit there, else in 64. */
    static BsonValue whole(BigInteger value, boolean narrow) {
        if (narrow && value.bitLength() < Integer.SIZE) return new BsonInt32(value.intValue());
        if (value.bitLength() < Long.SIZE) return new BsonInt64(value.longValue());
        throw new RefusedException("the result does not fit into 64 bits");
    }

    private static BsonValue decimal(
            BsonValue a, BsonValue b, DoubleBinaryOperator floating, BinaryOperator<BigDecimal> operation) {
        if (isNaN(a) || isNaN(b) || infinity(a) != 0 || infinity(b) != 0) {
            double result = floating.applyAsDouble(signOf(a), signOf(b));
            if (Double.isNaN(result)) return new BsonDecimal128(Decimal128.NaN);
            return new BsonDecimal128(result > 0 ? Decimal128.POSITIVE_INFINITY : Decimal128.NEGATIVE_INFINITY);
        }
        try {
            BigDecimal result = operation.apply(toDecimal(a), toDecimal(b)).round(MathContext.DECIMAL128);
            return new BsonDecimal128(new Decimal128(result));
        } catch (NumberFormatException e) {
            throw new RefusedException("the result is beyond the range of a Decimal128");
        }
    }

    /** The number's sign, its infinity or its being none: enough to know what an operation with infinity gives. */
    private static double signOf(BsonValue value) {
        if (isNaN(value)) return Double.NaN;
        int infinity = infinity(value);
        return infinity != 0 ? infinity / 0.0 : exact(value).signum();
    }

    /** A double becomes a decimal of 15 digits, trailing zeros included. */
    private static BigDecimal toDecimal(BsonValue value) {
        BigDecimal exact = exact(value);
        if (value.getBsonType() != BsonType.DOUBLE || exact.signum() == 0) return exact;
        BigDecimal rounded = exact.round(DOUBLE_DIGITS);
        return rounded.setScale(rounded.scale() + DOUBLE_DIGITS.getPrecision() - rounded.precision());
    }
}
