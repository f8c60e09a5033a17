package io.forebay.mongodb.document;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BinaryOperator;
import java.util.function.Predicate;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * One line of an update as the server is sent it, and what the server makes of it.
 *
 * @param path the field; of {@code $rename} the new one
 * @param argument as the server wants it, but for {@code $rename}, where it is the old path
 */
record Action(Operator operator, Path path, BsonValue argument) {
    private static final String EACH = "$each";

    /** Puts the line into an update document. */
    void addTo(BsonDocument update) {
        BsonDocument lines = update.getDocument(operator.serverName(), new BsonDocument());
        if (operator == Operator.RENAME) lines.append(argument.asString().getValue(), new BsonString(path.dotted()));
        else lines.append(path.dotted(), argument);
        update.put(operator.serverName(), lines);
    }

    /**
     * Does it to a document.
     *
     * @param isNew whether the document is being made
     * @return whether the server is certain to do the same
     * @throws RefusedException if the server would refuse it
     */
    boolean applyTo(BsonDocument document, boolean isNew) {
        Place place = new Place(document, path);
        switch (operator) {
            case UNSET -> place.remove();
            case RENAME -> rename(document, place);
            case SET_ON_INSERT -> {
                if (isNew) place.put(argument);
            }
            default -> {
                BsonValue result = result(place.find());
                if (result != null) place.put(result);
                return !leavesOrderOpen(result);
            }
        }
        return true;
    }

    private void rename(BsonDocument document, Place target) {
        Place source = new Place(document, Path.of(argument.asString().getValue()));
        BsonValue value = source.find();
        if (value == null) return;
        if (source.isInArray() || target.isInArray()) throw new RefusedException("$rename does not reach into arrays");
        target.put(value);
        source.remove();
    }

    /**
     * What the field holds afterwards; null if it stays missing.
     *
     * @param current what it holds, null if it is missing
     * @throws RefusedException if the server would refuse it
     */
    @Nullable
    BsonValue result(@Nullable BsonValue current) {
        return switch (operator) {
            case SET -> argument;
            case INC -> current == null ? argument : Numbers.add(current, argument);
            case MUL -> Numbers.multiply(current == null ? new BsonInt32(0) : current, argument);
            case MIN -> current == null || BsonOrder.compare(argument, current) < 0 ? argument : current;
            case MAX -> current == null || BsonOrder.compare(argument, current) > 0 ? argument : current;
            case BIT -> bits(current == null ? new BsonInt32(0) : current);
            case PUSH -> pushed(current == null ? new BsonArray() : array(current));
            case ADD_TO_SET ->
                Composition.union(
                        current == null ? new BsonArray() : array(current),
                        argument.asDocument().getArray(EACH));
            case PULL -> current == null ? null : without(array(current), Condition.of(argument)::matches);
            case PULL_ALL -> current == null ? null : without(array(current), this::isListed);
            case POP -> current == null ? null : popped(array(current));
            case UNSET, SET_ON_INSERT, RENAME -> throw new IllegalStateException(operator + " is not about one value");
        };
    }

    private BsonArray array(BsonValue current) {
        if (current.isArray()) return current.asArray();
        throw new RefusedException("%s needs an array at %s, it is of type %s"
                .formatted(operator.serverName(), path.dotted(), current.getBsonType()));
    }

    private BsonValue bits(BsonValue current) {
        BsonValue result = current;
        for (Map.Entry<String, BsonValue> step : argument.asDocument().entrySet()) {
            if (!Numbers.isWhole(result)) throw new RefusedException("$bit needs a whole number at " + path.dotted());
            boolean narrow = result.isInt32() && step.getValue().isInt32();
            BigInteger value = bitwise(step.getKey()).apply(Numbers.whole(result), Numbers.whole(step.getValue()));
            result = Numbers.whole(value, narrow);
        }
        return result;
    }

    private static BinaryOperator<BigInteger> bitwise(String name) {
        return switch (name) {
            case "and" -> BigInteger::and;
            case "or" -> BigInteger::or;
            default -> BigInteger::xor;
        };
    }

    private BsonArray pushed(BsonArray current) {
        BsonDocument push = argument.asDocument();
        List<BsonValue> values = new ArrayList<>(current);
        values.addAll(position(push, values.size()), push.getArray(EACH));
        BsonValue sort = push.get("$sort");
        if (sort != null) values.sort(sort.asNumber().intValue() > 0 ? BsonOrder::compare : descending());
        return new BsonArray(slice(values, push.get("$slice")));
    }

    private static Comparator<BsonValue> descending() {
        return (a, b) -> BsonOrder.compare(b, a);
    }

    /** Counted from the end if it is negative; what lies beyond an end is that end. */
    private static int position(BsonDocument push, int size) {
        long position =
                push.containsKey("$position") ? push.getNumber("$position").longValue() : size;
        return (int) (position < 0 ? Math.max(0, size + position) : Math.min(position, size));
    }

    private static List<BsonValue> slice(List<BsonValue> values, @Nullable BsonValue slice) {
        if (slice == null) return values;
        long kept = slice.asNumber().longValue();
        return kept >= 0
                ? values.subList(0, (int) Math.min(kept, values.size()))
                : values.subList((int) Math.max(0, values.size() + kept), values.size());
    }

    private boolean isListed(BsonValue value) {
        return argument.asArray().stream().anyMatch(listed -> BsonOrder.equal(listed, value));
    }

    private static BsonArray without(BsonArray values, Predicate<BsonValue> gone) {
        return new BsonArray(values.stream().filter(gone.negate()).toList());
    }

    private BsonArray popped(BsonArray values) {
        if (values.isEmpty()) return values;
        boolean first = argument.asNumber().intValue() < 0;
        return new BsonArray(first ? values.subList(1, values.size()) : values.subList(0, values.size() - 1));
    }

    /**
     * Whether {@code $sort} leaves the order of some values open: the server's is not stable, and equal numbers of different
     * types are then in either order.
     */
    private boolean leavesOrderOpen(@Nullable BsonValue result) {
        if (operator != Operator.PUSH || !argument.asDocument().containsKey("$sort") || result == null) return false;
        BsonArray values = result.asArray();
        for (int i = 1; i < values.size(); i++)
            if (BsonOrder.equal(values.get(i - 1), values.get(i)) && !Objects.equals(values.get(i - 1), values.get(i)))
                return true;
        return false;
    }
}
