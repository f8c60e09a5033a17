package io.forebay.mongodb.document;

import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/**
 * What {@code $pull} takes out of an array. Known exactly are: a value; comparisons and lists of plain values
 * ({@code {$gte: 5}}, {@code {$in: ["a", "b"]}}); and, for elements that are documents, both of these for fields named
 * without a dot ({@code {score: {$lt: 3}, kind: "x"}}).
 */
final class Condition {
    private static final Map<String, IntPredicate> COMPARISONS = Map.of(
            "$eq", result -> result == 0,
            "$gt", result -> result > 0,
            "$gte", result -> result >= 0,
            "$lt", result -> result < 0,
            "$lte", result -> result <= 0);

    private final Predicate<BsonValue> predicate;

    private Condition(Predicate<BsonValue> predicate) {
        this.predicate = predicate;
    }

    boolean matches(BsonValue element) {
        return predicate.test(element);
    }

    /** Whether it is one of those that are known exactly. */
    static boolean isKnown(BsonValue condition) {
        if (condition.isArray()) return true;
        if (!condition.isDocument()) return !condition.isRegularExpression();
        BsonDocument document = condition.asDocument();
        if (isComparison(document)) return comparesPlain(document);
        return document.entrySet().stream()
                .allMatch(field -> isName(field.getKey()) && isKnownForField(field.getValue()));
    }

    private static boolean isName(String name) {
        return !name.isEmpty() && !name.startsWith("$") && name.indexOf('.') < 0;
    }

    private static boolean isKnownForField(BsonValue condition) {
        return isPlain(condition)
                || condition.isDocument()
                        && isComparison(condition.asDocument())
                        && comparesPlain(condition.asDocument());
    }

    private static boolean isComparison(BsonDocument condition) {
        return !condition.isEmpty() && condition.getFirstKey().startsWith("$");
    }

    private static boolean comparesPlain(BsonDocument condition) {
        return condition.entrySet().stream().allMatch(Condition::comparesPlain);
    }

    private static boolean comparesPlain(Map.Entry<String, BsonValue> comparison) {
        if (COMPARISONS.containsKey(comparison.getKey())) return isPlain(comparison.getValue());
        return comparison.getKey().equals("$in")
                && comparison.getValue().isArray()
                && comparison.getValue().asArray().stream().allMatch(Condition::isPlain);
    }

    /** A value that is compared with its own kind alone, without special rules. */
    private static boolean isPlain(BsonValue value) {
        return switch (value.getBsonType()) {
            case INT32, INT64, DOUBLE, DECIMAL128 -> !Numbers.isNaN(value);
            case STRING, BOOLEAN, OBJECT_ID, DATE_TIME, TIMESTAMP, BINARY -> true;
            default -> false;
        };
    }

    static Condition of(BsonValue condition) {
        if (!condition.isDocument()) return new Condition(element -> BsonOrder.equal(element, condition));
        BsonDocument document = condition.asDocument();
        if (isComparison(document)) return new Condition(element -> compares(element, document));
        return new Condition(element -> element.isDocument() && fields(element.asDocument(), document));
    }

    private static boolean fields(BsonDocument element, BsonDocument conditions) {
        return conditions.entrySet().stream().allMatch(condition -> {
            BsonValue value = element.get(condition.getKey());
            return value != null && field(value, condition.getValue());
        });
    }

    private static boolean field(BsonValue value, BsonValue condition) {
        return condition.isDocument()
                ? compares(value, condition.asDocument())
                : anyOf(value, candidate -> BsonOrder.equal(candidate, condition));
    }

    private static boolean compares(BsonValue value, BsonDocument comparisons) {
        return comparisons.entrySet().stream()
                .allMatch(comparison -> anyOf(value, candidate -> compares(candidate, comparison)));
    }

    /** As in a query, an array matches if one of its elements does. */
    private static boolean anyOf(BsonValue value, Predicate<BsonValue> matches) {
        List<BsonValue> candidates = value.isArray() ? value.asArray().getValues() : List.of(value);
        return candidates.stream().anyMatch(matches);
    }

    private static boolean compares(BsonValue value, Map.Entry<String, BsonValue> comparison) {
        IntPredicate compared = COMPARISONS.get(comparison.getKey());
        if (compared == null)
            return comparison.getValue().asArray().stream().anyMatch(listed -> BsonOrder.equal(listed, value));
        // NaN is smaller than every number in a sort, and neither smaller nor larger in a comparison
        return BsonOrder.sameKind(value, comparison.getValue())
                && !(Numbers.isNumber(value) && Numbers.isNaN(value))
                && compared.test(BsonOrder.compare(value, comparison.getValue()));
    }
}
