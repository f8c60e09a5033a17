package io.forebay.mongodb.document;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Reads an update document. Only those are understood whose effect is known exactly, whatever the document holds; the others
 * are for the server alone.
 */
final class UpdateParser {
    private static final String CURRENT_DATE = "$currentDate";
    private static final String EACH = "$each";
    private static final Set<String> PUSH_CLAUSES = Set.of(EACH, "$slice", "$sort", "$position");
    private static final Set<String> BIT_OPERATIONS = Set.of("and", "or", "xor");

    private final Instant now;
    private final List<Change> changes = new ArrayList<>();

    private UpdateParser(Instant now) {
        this.now = now;
    }

    /** The changes in the order in which the server makes them; empty if the update is not understood. */
    static Optional<List<Change>> changes(BsonDocument update, Instant now) {
        UpdateParser parser = new UpdateParser(now);
        if (update.isEmpty() || !parser.readAll(update) || parser.hasConflicts()) return Optional.empty();
        parser.changes.sort((a, b) -> a.path().compareTo(b.path()));
        return Optional.of(parser.changes);
    }

    private boolean readAll(BsonDocument update) {
        for (Map.Entry<String, BsonValue> entry : update.entrySet()) {
            if (!entry.getValue().isDocument() || entry.getValue().asDocument().isEmpty()) return false;
            for (Map.Entry<String, BsonValue> line :
                    entry.getValue().asDocument().entrySet())
                if (!read(entry.getKey(), Path.of(line.getKey()), line.getValue())) return false;
        }
        return true;
    }

    private boolean read(String name, Path path, BsonValue argument) {
        if (!path.isPlain()) return false;
        if (name.equals(CURRENT_DATE)) return add(Operator.SET, path, time(argument));
        Operator operator = Operator.named(name);
        if (operator == null) return false;
        return switch (operator) {
            case RENAME -> rename(path, argument);
            case UNSET -> add(operator, path, new BsonString(""));
            default -> add(operator, path, understood(operator, argument));
        };
    }

    private boolean rename(Path from, BsonValue to) {
        if (!to.isString()) return false;
        Path target = Path.of(to.asString().getValue());
        return target.isPlain()
                && !target.conflicts(from)
                && add(Operator.RENAME, target, new BsonString(from.dotted()));
    }

    private boolean add(Operator operator, Path path, @Nullable BsonValue argument) {
        if (argument == null) return false;
        changes.add(new Change(operator, path, argument));
        return true;
    }

    private boolean hasConflicts() {
        for (int i = 0; i < changes.size(); i++)
            for (int j = 0; j < i; j++) if (changes.get(i).conflicts(changes.get(j))) return true;
        return false;
    }

    /** The argument in the form that {@link Change} holds, or null if it is not understood. */
    private static @Nullable BsonValue understood(Operator operator, BsonValue argument) {
        return switch (operator) {
            case SET, SET_ON_INSERT, MIN, MAX -> Storable.isStorable(argument) ? argument : null;
            case INC -> Numbers.isNumber(argument) ? argument : null;
            case MUL -> Numbers.isNumber(argument) ? new BsonArray(List.of(argument)) : null;
            case BIT -> isBits(argument) ? argument : null;
            case PUSH -> push(argument);
            case ADD_TO_SET -> added(argument);
            case PULL -> Condition.isKnown(argument) ? argument : null;
            case PULL_ALL -> argument.isArray() ? argument : null;
            case POP -> isEnd(argument) ? argument : null;
            case UNSET, RENAME -> null;
        };
    }

    private static boolean isBits(BsonValue argument) {
        return argument.isDocument()
                && !argument.asDocument().isEmpty()
                && argument.asDocument().entrySet().stream()
                        .allMatch(step -> BIT_OPERATIONS.contains(step.getKey()) && Numbers.isWhole(step.getValue()));
    }

    private static @Nullable BsonValue push(BsonValue argument) {
        BsonValue each = each(argument);
        if (each == null) return single(argument);
        BsonDocument push = argument.asDocument();
        boolean known = PUSH_CLAUSES.containsAll(push.keySet())
                && each.isArray()
                && Storable.isStorable(each)
                && isAbsentOrWhole(push.get("$slice"))
                && isAbsentOrWhole(push.get("$position"))
                && (!push.containsKey("$sort") || isDirection(push.get("$sort")));
        return known ? push : null;
    }

    private static @Nullable BsonValue each(BsonValue argument) {
        return argument.isDocument() ? argument.asDocument().get(EACH) : null;
    }

    private static @Nullable BsonValue single(BsonValue value) {
        return Storable.isStorable(value) ? new BsonDocument(EACH, new BsonArray(List.of(value))) : null;
    }

    private static boolean isAbsentOrWhole(@Nullable BsonValue value) {
        return value == null || Numbers.isWhole(value);
    }

    /** Sorting by fields of the elements is left to the server: it does not say what becomes of those that are equal in them. */
    private static boolean isDirection(BsonValue sort) {
        return Numbers.isWhole(sort) && Math.abs(sort.asNumber().longValue()) == 1;
    }

    private static @Nullable BsonValue added(BsonValue argument) {
        BsonValue each = each(argument);
        BsonValue values = each != null ? each : new BsonArray(List.of(argument));
        boolean known = values.isArray()
                && Storable.isStorable(values)
                && (each == null || argument.asDocument().size() == 1);
        return known ? Composition.union(new BsonArray(), values.asArray()) : null;
    }

    private static boolean isEnd(BsonValue argument) {
        return Numbers.isNumber(argument) && Math.abs(argument.asNumber().doubleValue()) == 1;
    }

    private @Nullable BsonValue time(BsonValue argument) {
        BsonDateTime date = new BsonDateTime(now.toEpochMilli());
        if (argument.isBoolean()) return date;
        if (!argument.isDocument() || argument.asDocument().size() != 1) return null;
        BsonValue type = argument.asDocument().get("$type");
        if (type == null || !type.isString()) return null;
        return switch (type.asString().getValue()) {
            case "date" -> date;
            case "timestamp" -> new BsonTimestamp((int) now.getEpochSecond(), 1);
            default -> null;
        };
    }
}
