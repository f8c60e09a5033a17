package io.forebay.mongodb.document;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.bson.BsonBoolean;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * A sum of whole numbers, exact however large it becomes on its way, so that it does not matter how the numbers were grouped.
 *
 * @param narrow whether all of them had 32 bits
 */
record Sum(BigInteger value, boolean narrow) {
    private static final String SUM = "sum";
    private static final BigInteger MIN = BigInteger.valueOf(Long.MIN_VALUE);
    private static final BigInteger MAX = BigInteger.valueOf(Long.MAX_VALUE);

    /** Whether an argument of {@code $inc} is a whole number, or such a sum. */
    static boolean isSum(BsonValue argument) {
        return argument.isDocument() || Numbers.isWhole(argument);
    }

    static Sum of(BsonValue argument) {
        if (!argument.isDocument()) return new Sum(Numbers.whole(argument), argument.isInt32());
        BsonDocument wide = argument.asDocument();
        return new Sum(
                new BigInteger(wide.getString(SUM).getValue()),
                wide.getBoolean("narrow").getValue());
    }

    Sum plus(Sum other) {
        return new Sum(value.add(other.value), narrow && other.narrow);
    }

    /** As an argument of {@code $inc}: a number if one of its type holds it. */
    BsonValue toArgument() {
        if (value.bitLength() < (narrow ? Integer.SIZE : Long.SIZE)) return Numbers.whole(value, narrow);
        return new BsonDocument(SUM, new BsonString(value.toString())).append("narrow", BsonBoolean.valueOf(narrow));
    }

    /** The numbers to send: one, unless even 64 bits do not hold the sum. */
    List<BsonValue> sendable() {
        List<BsonValue> numbers = new ArrayList<>();
        BigInteger rest = value;
        for (; rest.bitLength() >= Long.SIZE; rest = rest.subtract(last(numbers)))
            numbers.add(new BsonInt64((rest.signum() < 0 ? MIN : MAX).longValue()));
        numbers.add(Numbers.whole(rest, narrow && numbers.isEmpty()));
        return numbers;
    }

    private static BigInteger last(List<BsonValue> numbers) {
        return Numbers.whole(numbers.get(numbers.size() - 1));
    }
}
