package io.forebay.mongodb.document;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/**
 * What is to happen to one field: one operator with an argument that may stand for several updates. {@code $mul} holds a
 * list of factors and {@code $addToSet} a list of values; {@code $push} always has its {@code $each}; {@code $inc} may hold
 * a sum of 32-bit numbers that 32 bits do not hold, see {@link Sum}. Values are not changed after they came here.
 *
 * @param path the field; of {@code $rename} the new one
 */
record Change(Operator operator, Path path, BsonValue argument) {
    private static final String PATH = "path";

    /** Whether one update cannot hold both, or their order matters. */
    boolean conflicts(Change other) {
        return path.conflicts(other.path)
                || operator == Operator.RENAME && source().conflicts(other.path)
                || other.operator == Operator.RENAME && other.conflictsAtSource(this);
    }

    private boolean conflictsAtSource(Change other) {
        return source().conflicts(other.path)
                || other.operator == Operator.RENAME && source().conflicts(other.source());
    }

    /** Where {@code $rename} takes the value from. */
    Path source() {
        return Path.of(argument.asString().getValue());
    }

    /** What the server is told, one after the other; nearly always one action. */
    List<Action> actions() {
        return switch (operator) {
            case INC -> inc();
            case MUL -> products();
            case ADD_TO_SET -> List.of(action(new BsonDocument("$each", argument)));
            default -> List.of(action(argument));
        };
    }

    private Action action(BsonValue sent) {
        return new Action(operator, path, sent);
    }

    private List<Action> inc() {
        if (!Sum.isSum(argument)) return List.of(action(argument));
        return Sum.of(argument).sendable().stream().map(this::action).toList();
    }

    /** Neighbouring factors of one type are multiplied where that is exact: both above zero and the product in the type. */
    private List<Action> products() {
        List<Action> actions = new ArrayList<>();
        BsonValue product = null;
        for (BsonValue factor : argument.asArray()) {
            if (product == null) product = factor;
            else if (multiplies(product, factor)) product = Numbers.multiply(product, factor);
            else {
                actions.add(action(product));
                product = factor;
            }
        }
        if (product != null) actions.add(action(product));
        return actions;
    }

    private static boolean multiplies(BsonValue product, BsonValue factor) {
        if (product.getBsonType() != factor.getBsonType() || !Numbers.isWhole(product)) return false;
        BigInteger a = Numbers.whole(product);
        BigInteger b = Numbers.whole(factor);
        int bits = product.isInt32() ? Integer.SIZE : Long.SIZE;
        return a.signum() > 0 && b.signum() > 0 && a.multiply(b).bitLength() < bits;
    }

    /** In the form in which it is journaled: {@code {$inc: 5, path: "views"}}. */
    BsonDocument toBson() {
        return new BsonDocument(operator.serverName(), argument).append(PATH, new BsonString(path.dotted()));
    }

    static Change fromBson(BsonDocument bson) {
        String name = bson.getFirstKey();
        Operator operator = Objects.requireNonNull(Operator.named(name), name);
        return of(operator, bson.getString(PATH).getValue(), Objects.requireNonNull(bson.get(name)));
    }

    static Change of(Operator operator, String path, BsonValue argument) {
        return new Change(operator, Path.of(path), argument);
    }

    static BsonArray concatenated(BsonArray first, BsonArray second) {
        BsonArray all = new BsonArray(first);
        all.addAll(second);
        return all;
    }
}
