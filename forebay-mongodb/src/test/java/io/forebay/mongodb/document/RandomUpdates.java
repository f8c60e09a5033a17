package io.forebay.mongodb.document;

import io.forebay.spi.Bytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.bson.BsonArray;
import org.bson.BsonBoolean;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Random documents and updates over few fields, so that they often meet: numbers in {@code n…}, lists in {@code l…}, documents
 * with both in {@code d…}, anything in {@code v…}. Doubles are multiples of a quarter, so that their sums are exact.
 */
public final class RandomUpdates {
    private final Random random;

    public RandomUpdates(Random random) {
        this.random = random;
    }

    public BsonDocument document() {
        BsonDocument document = new BsonDocument();
        List<String> names = new ArrayList<>(List.of("n1", "n2", "l1", "l2", "d1", "d2", "v1", "v2"));
        Collections.shuffle(names, random);
        for (String name : names.subList(0, random.nextInt(names.size()))) document.append(name, value(name));
        return document;
    }

    private BsonValue value(String name) {
        return switch (name.charAt(0)) {
            case 'n' -> number();
            case 'l' -> list();
            case 'd' -> new BsonDocument("n" + index(), number()).append("l" + index(), list());
            default -> anything();
        };
    }

    private int index() {
        return 1 + random.nextInt(2);
    }

    private BsonArray list() {
        BsonArray list = new BsonArray();
        for (int i = random.nextInt(4); i > 0; i--) list.add(element());
        return list;
    }

    private BsonValue element() {
        return switch (random.nextInt(4)) {
            case 0 -> new BsonString("" + (char) ('a' + random.nextInt(3)));
            case 1 -> new BsonDocument("k", new BsonInt32(random.nextInt(3))).append("s", new BsonString("x"));
            default -> number();
        };
    }

    private BsonValue number() {
        int value = random.nextInt(7) - 3;
        return switch (random.nextInt(8)) {
            case 0, 1, 2, 3 -> new BsonInt32(value);
            case 4, 5 -> new BsonInt64(value);
            default -> new BsonDouble((value == 0 ? 5 : value) / 4.0);
        };
    }

    private BsonValue anything() {
        return switch (random.nextInt(8)) {
            case 0 -> BsonNull.VALUE;
            case 1 -> BsonBoolean.valueOf(random.nextBoolean());
            case 2 -> new BsonDateTime(random.nextInt(5));
            case 3 -> new BsonString("text" + random.nextInt(3));
            case 4 -> list();
            case 5 -> new BsonDocument("n1", number());
            default -> number();
        };
    }

    /** An update document of one to three lines that the server takes for its form. */
    public BsonDocument update() {
        while (true) {
            BsonDocument update = new BsonDocument();
            for (int i = random.nextInt(3); i >= 0; i--) addLine(update);
            if (UpdateParser.changes(update, Instant.EPOCH).isPresent()) return update;
        }
    }

    private void addLine(BsonDocument update) {
        String parent = random.nextInt(3) == 0 ? "d" + index() + "." : "";
        switch (random.nextInt(20)) {
            case 0, 1 -> line(update, "$set", parent + "n" + index(), number());
            case 2 -> line(update, "$set", parent + "l" + index(), list());
            case 3 -> line(update, "$set", parent + "v" + index(), anything());
            case 4 -> line(update, "$setOnInsert", parent + "v" + index(), anything());
            case 5 -> line(update, "$unset", parent + (random.nextBoolean() ? "n" : "l") + index(), new BsonString(""));
            case 6, 7, 8 -> line(update, "$inc", parent + "n" + index(), number());
            case 9 -> line(update, "$mul", parent + "n" + index(), number());
            case 10 -> line(update, "$max", parent + "n" + index(), number());
            case 11 -> line(update, "$min", parent + "n" + index(), number());
            case 12, 13 -> line(update, "$push", parent + "l" + index(), push());
            case 14 -> line(update, "$addToSet", parent + "l" + index(), added());
            case 15 -> line(update, "$pull", parent + "l" + index(), condition());
            case 16 -> line(update, "$pullAll", parent + "l" + index(), list());
            case 17 -> line(update, "$pop", parent + "l" + index(), new BsonInt32(random.nextBoolean() ? 1 : -1));
            case 18 -> line(update, "$rename", parent + "v" + index(), new BsonString("v" + index()));
            default -> line(update, "$set", "d" + index(), new BsonDocument("n1", number()));
        }
    }

    private static void line(BsonDocument update, String operator, String path, BsonValue argument) {
        BsonDocument lines = update.getDocument(operator, new BsonDocument());
        update.put(operator, lines.append(path, argument));
    }

    private BsonValue push() {
        if (random.nextBoolean()) return element();
        BsonDocument push = new BsonDocument("$each", list());
        if (random.nextInt(3) == 0) push.append("$slice", new BsonInt32(random.nextInt(9) - 4));
        if (random.nextInt(4) == 0) push.append("$position", new BsonInt32(random.nextInt(7) - 3));
        if (random.nextInt(4) == 0) push.append("$sort", new BsonInt32(random.nextBoolean() ? 1 : -1));
        return push;
    }

    private BsonValue added() {
        return random.nextBoolean() ? element() : new BsonDocument("$each", list());
    }

    private BsonValue condition() {
        return switch (random.nextInt(4)) {
            case 0 -> new BsonDocument("$gte", number());
            case 1 -> new BsonDocument("k", new BsonDocument("$lt", new BsonInt32(random.nextInt(3))));
            case 2 -> new BsonDocument("$in", new BsonArray(List.of(number(), new BsonString("a"))));
            default -> random.nextBoolean() ? number() : new BsonString("b");
        };
    }

    /** Whether a server takes the update of this document, or makes one of it. */
    public static boolean isTaken(@Nullable BsonDocument document, BsonDocument update) {
        BsonAlgebra algebra = new BsonAlgebra();
        Bytes operations = BsonAlgebra.operations(new BsonInt32(0), update, true, Instant.EPOCH)
                .orElseThrow();
        return document == null
                ? algebra.create(operations).exact()
                : algebra.apply(BsonBytes.of(document), operations).exact();
    }
}
