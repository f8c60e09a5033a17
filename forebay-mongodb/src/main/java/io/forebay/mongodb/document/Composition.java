package io.forebay.mongodb.document;

import static io.forebay.mongodb.document.Operator.SET;
import static io.forebay.mongodb.document.Operator.UNSET;

import java.util.Objects;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * How two changes of one field become one. They do only where one change then does exactly what the two did, whatever the
 * document holds; what is overwritten before it is flushed can no longer be refused. Pure.
 *
 * <p>Whether two changes become one depends on their kinds alone, so that it does not matter how a list of them is grouped.
 */
final class Composition {
    private static final String EACH = "$each";
    private static final String SLICE = "$slice";

    private Composition() {}

    /** The one change that does what the two do in order, or null if there is none. */
    static @Nullable Change of(Change older, Change newer) {
        if (!older.path().equals(newer.path())) return null;
        return switch (newer.operator()) {
            case SET -> overwrites(older) ? newer : null;
            case UNSET -> removes(older) ? newer : null;
            case INC, MUL, MIN, MAX, BIT, PUSH, ADD_TO_SET, PULL, PULL_ALL, POP ->
                older.operator() == SET ? set(older, newer) : alike(older, newer);
            case SET_ON_INSERT, RENAME -> null;
        };
    }

    /** After these a field is set where it would have been set without them. */
    private static boolean overwrites(Change older) {
        return switch (older.operator()) {
            case UNSET, SET_ON_INSERT, RENAME -> false;
            default -> true;
        };
    }

    /** After these nothing is left once the field is gone; the parents they made of a deeper one would be. */
    private static boolean removes(Change older) {
        return switch (older.operator()) {
            case UNSET -> true;
            case SET_ON_INSERT, RENAME -> false;
            default -> older.path().isTop();
        };
    }

    private static @Nullable Change set(Change set, Change newer) {
        try {
            BsonValue value = set.argument();
            for (Action action : newer.actions()) value = Objects.requireNonNull(action.result(value));
            return new Change(SET, set.path(), value);
        } catch (RefusedException e) {
            return null; // for the server to refuse
        }
    }

    private static @Nullable Change alike(Change older, Change newer) {
        if (older.operator() != newer.operator()) return null;
        BsonValue argument = switch (newer.operator()) {
            case INC -> sum(older.argument(), newer.argument());
            case MUL ->
                Change.concatenated(older.argument().asArray(), newer.argument().asArray());
            case MIN -> BsonOrder.compare(newer.argument(), older.argument()) < 0 ? newer.argument() : older.argument();
            case MAX -> BsonOrder.compare(newer.argument(), older.argument()) > 0 ? newer.argument() : older.argument();
            case PUSH -> pushes(older.argument().asDocument(), newer.argument().asDocument());
            case ADD_TO_SET ->
                union(older.argument().asArray(), newer.argument().asArray());
            case PULL_ALL ->
                Change.concatenated(older.argument().asArray(), newer.argument().asArray());
            default -> null;
        };
        return argument == null ? null : new Change(newer.operator(), newer.path(), argument);
    }

    /** Sums of doubles and of decimals may depend on their grouping in the last digit. Numbers of different kinds stay apart. */
    private static @Nullable BsonValue sum(BsonValue older, BsonValue newer) {
        if (Sum.isSum(older) && Sum.isSum(newer))
            return Sum.of(older).plus(Sum.of(newer)).toArgument();
        boolean alike = !older.isDocument() && older.getBsonType() == newer.getBsonType();
        return alike ? Numbers.add(older, newer) : null;
    }

    /** Two that append become one; if they cut the list, both must cut it alike. */
    private static @Nullable BsonValue pushes(BsonDocument older, BsonDocument newer) {
        if (!appends(older) || !appends(newer) || !Objects.equals(older.get(SLICE), newer.get(SLICE))) return null;
        BsonDocument both = newer.clone();
        both.put(EACH, Change.concatenated(older.getArray(EACH), newer.getArray(EACH)));
        return both;
    }

    private static boolean appends(BsonDocument push) {
        return !push.containsKey("$sort") && !push.containsKey("$position");
    }

    /** The older values as they are, and those of the newer that are not among them, each once. */
    static BsonArray union(BsonArray older, BsonArray newer) {
        BsonArray union = new BsonArray(older);
        for (BsonValue value : newer)
            if (union.stream().noneMatch(known -> BsonOrder.equal(known, value))) union.add(value);
        return union;
    }

    /**
     * Whether the one change takes the place of the newer of the two, not that of the older: which it does if the older one
     * makes no field.
     */
    static boolean movesOn(Change older, Change newer) {
        return !older.operator().creates()
                && (newer.operator() == SET || newer.operator() == UNSET && older.operator() != UNSET);
    }
}
