package io.forebay.mongodb.document;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import org.bson.BsonArray;
import org.bson.BsonDecimal128;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.BsonType;
import org.bson.BsonValue;
import org.bson.types.Decimal128;

/** The one spelling of a key: values that the server takes for the same {@code _id} have it in common. */
final class Keys {
    private Keys() {}

    /** Why no document can have this {@code _id}, if that is so. */
    static Optional<String> problem(BsonValue id) {
        return switch (id.getBsonType()) {
            case ARRAY, REGULAR_EXPRESSION, UNDEFINED -> Optional.of("an _id must not be of type " + id.getBsonType());
            case DOCUMENT ->
                id.asDocument().keySet().stream()
                        .filter(name -> name.startsWith("$"))
                        .findFirst()
                        .map(name -> "an _id must not hold a field named " + name);
            default -> Optional.empty();
        };
    }

    /** Numbers become the smallest type that holds them exactly, symbols become strings; documents keep their order. */
    static BsonValue canonical(BsonValue value) {
        return switch (value.getBsonType()) {
            case INT32, INT64, DOUBLE, DECIMAL128 -> number(value);
            case SYMBOL -> new BsonString(value.asSymbol().getSymbol());
            case DOCUMENT -> document(value.asDocument());
            case ARRAY ->
                new BsonArray(value.asArray().stream().map(Keys::canonical).toList());
            default -> value;
        };
    }

    private static BsonDocument document(BsonDocument document) {
        BsonDocument result = new BsonDocument();
        for (Map.Entry<String, BsonValue> field : document.entrySet())
            result.append(field.getKey(), canonical(field.getValue()));
        return result;
    }

    private static BsonValue number(BsonValue value) {
        if (Numbers.isNaN(value)) return new BsonDouble(Double.NaN);
        int infinity = Numbers.infinity(value);
        if (infinity != 0) return new BsonDouble(infinity / 0.0);

        BigDecimal exact = Numbers.exact(value).stripTrailingZeros();
        if (exact.scale() <= 0
                && exact.precision() - exact.scale() <= 19
                && exact.toBigInteger().bitLength() < Long.SIZE) {
            long whole = exact.longValueExact();
            return (int) whole == whole ? new BsonInt32((int) whole) : new BsonInt64(whole);
        }
        double rounded = exact.doubleValue();
        boolean isDouble = !Double.isInfinite(rounded) && new BigDecimal(rounded).compareTo(exact) == 0;
        return isDouble ? new BsonDouble(rounded) : new BsonDecimal128(new Decimal128(exact));
    }

    /** Whether a value is spelled as its canonical form is, type by type. */
    static boolean isCanonical(BsonValue value) {
        return value.equals(canonical(value)) && value.getBsonType() != BsonType.SYMBOL;
    }
}
