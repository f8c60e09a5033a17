package io.forebay.mongodb.document;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import org.bson.BsonBinary;
import org.bson.BsonDbPointer;
import org.bson.BsonDocument;
import org.bson.BsonJavaScriptWithScope;
import org.bson.BsonRegularExpression;
import org.bson.BsonType;
import org.bson.BsonValue;

/** The order MongoDB gives to values of all types, without a collation: numbers of all types are one kind. */
final class BsonOrder {
    private BsonOrder() {}

    static boolean equal(BsonValue a, BsonValue b) {
        return compare(a, b) == 0;
    }

    static int compare(BsonValue a, BsonValue b) {
        int kind = Integer.compare(kind(a), kind(b));
        return kind != 0 ? kind : ofOneKind(a, b);
    }

    /** Whether two values are of one kind, which is what {@code $gt} and its like ask for. */
    static boolean sameKind(BsonValue a, BsonValue b) {
        return kind(a) == kind(b);
    }

    private static int kind(BsonValue value) {
        return switch (value.getBsonType()) {
            case MIN_KEY -> -1;
            case END_OF_DOCUMENT, UNDEFINED -> 0;
            case NULL -> 5;
            case INT32, INT64, DOUBLE, DECIMAL128 -> 10;
            case STRING, SYMBOL -> 15;
            case DOCUMENT -> 20;
            case ARRAY -> 25;
            case BINARY -> 30;
            case OBJECT_ID -> 35;
            case BOOLEAN -> 40;
            case DATE_TIME -> 45;
            case TIMESTAMP -> 47;
            case REGULAR_EXPRESSION -> 50;
            case DB_POINTER -> 55;
            case JAVASCRIPT -> 60;
            case JAVASCRIPT_WITH_SCOPE -> 65;
            case MAX_KEY -> 127;
        };
    }

    private static int ofOneKind(BsonValue a, BsonValue b) {
        return switch (a.getBsonType()) {
            case MIN_KEY, MAX_KEY, NULL, UNDEFINED, END_OF_DOCUMENT -> 0;
            case INT32, INT64, DOUBLE, DECIMAL128 -> Numbers.compare(a, b);
            case STRING, SYMBOL -> texts(text(a), text(b));
            case DOCUMENT -> documents(a.asDocument(), b.asDocument());
            case ARRAY -> arrays(a.asArray().iterator(), b.asArray().iterator());
            case BINARY -> binaries(a.asBinary(), b.asBinary());
            case OBJECT_ID -> a.asObjectId().compareTo(b.asObjectId());
            case BOOLEAN -> a.asBoolean().compareTo(b.asBoolean());
            case DATE_TIME -> a.asDateTime().compareTo(b.asDateTime());
            case TIMESTAMP -> a.asTimestamp().compareTo(b.asTimestamp());
            case REGULAR_EXPRESSION -> expressions(a.asRegularExpression(), b.asRegularExpression());
            case DB_POINTER -> pointers(a.asDBPointer(), b.asDBPointer());
            case JAVASCRIPT ->
                texts(a.asJavaScript().getCode(), b.asJavaScript().getCode());
            case JAVASCRIPT_WITH_SCOPE -> scripts(a.asJavaScriptWithScope(), b.asJavaScriptWithScope());
        };
    }

    private static String text(BsonValue value) {
        return value.getBsonType() == BsonType.SYMBOL
                ? value.asSymbol().getSymbol()
                : value.asString().getValue();
    }

    /** By UTF-8 bytes, as the server does; Java's own order differs beyond the first plane. */
    private static int texts(String a, String b) {
        return Arrays.compareUnsigned(a.getBytes(StandardCharsets.UTF_8), b.getBytes(StandardCharsets.UTF_8));
    }

    /** Field by field in their order: by kind of value, then by name, then by value. */
    private static int documents(BsonDocument a, BsonDocument b) {
        Iterator<Map.Entry<String, BsonValue>> left = a.entrySet().iterator();
        Iterator<Map.Entry<String, BsonValue>> right = b.entrySet().iterator();
        while (left.hasNext() && right.hasNext()) {
            Map.Entry<String, BsonValue> one = left.next();
            Map.Entry<String, BsonValue> other = right.next();
            int result = Integer.compare(kind(one.getValue()), kind(other.getValue()));
            if (result == 0) result = texts(one.getKey(), other.getKey());
            if (result == 0) result = ofOneKind(one.getValue(), other.getValue());
            if (result != 0) return result;
        }
        return Boolean.compare(left.hasNext(), right.hasNext());
    }

    private static int arrays(Iterator<BsonValue> a, Iterator<BsonValue> b) {
        while (a.hasNext() && b.hasNext()) {
            int result = compare(a.next(), b.next());
            if (result != 0) return result;
        }
        return Boolean.compare(a.hasNext(), b.hasNext());
    }

    private static int binaries(BsonBinary a, BsonBinary b) {
        int result = Integer.compare(a.getData().length, b.getData().length);
        if (result == 0) result = Integer.compare(a.getType() & 0xff, b.getType() & 0xff);
        return result != 0 ? result : Arrays.compareUnsigned(a.getData(), b.getData());
    }

    private static int expressions(BsonRegularExpression a, BsonRegularExpression b) {
        int result = texts(a.getPattern(), b.getPattern());
        return result != 0 ? result : texts(a.getOptions(), b.getOptions());
    }

    private static int pointers(BsonDbPointer a, BsonDbPointer b) {
        int result = Comparator.<String>naturalOrder().compare(a.getNamespace(), b.getNamespace());
        return result != 0 ? result : a.getId().compareTo(b.getId());
    }

    private static int scripts(BsonJavaScriptWithScope a, BsonJavaScriptWithScope b) {
        int result = texts(a.getCode(), b.getCode());
        return result != 0 ? result : documents(a.getScope(), b.getScope());
    }
}
