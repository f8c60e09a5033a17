package io.forebay.mongodb;

import com.mongodb.MongoCommandException;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import io.forebay.mongodb.document.BsonAlgebra;
import io.forebay.spi.TableInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.BsonValue;

/** What a database says of its collections. */
final class Collections {
    private static final int MAX_NAME_BYTES = 235;
    private static final int EXISTS = 48;

    private Collections() {}

    /**
     * A collection to write to; one that does not exist is made by the first flush.
     *
     * @throws IllegalArgumentException if it cannot be written to by {@code _id}, with the reason
     */
    static TableInfo describe(MongoDatabase database, String name) {
        problem(name).ifPresent(problem -> refuse(database, name, problem));
        BsonDocument found = database.listCollections(BsonDocument.class)
                .filter(new BsonDocument("name", new BsonString(name)))
                .first();
        if (found != null) problem(found).ifPresent(problem -> refuse(database, name, problem));
        return TableInfo.collection(name, BsonAlgebra.NAME);
    }

    /**
     * Makes a collection that does not exist. Transactions that make the same one collide, and before MongoDB 4.4 none can make one.
     */
    static void make(MongoDatabase database, String name) {
        if (database.listCollectionNames()
                .filter(Filters.eq("name", name))
                .into(new ArrayList<>())
                .contains(name)) return;
        try {
            database.createCollection(name);
        } catch (MongoCommandException e) {
            if (e.getErrorCode() != EXISTS) throw e;
        }
    }

    private static void refuse(MongoDatabase database, String name, String problem) {
        throw new IllegalArgumentException(
                "collection %s of database %s cannot be buffered: %s".formatted(name, database.getName(), problem));
    }

    private static Optional<String> problem(String name) {
        if (name.isEmpty() || name.contains("$") || name.indexOf('\0') >= 0)
            return Optional.of("a name is not empty, and has neither $ nor the character U+0000");
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_NAME_BYTES)
            return Optional.of("a name has at most " + MAX_NAME_BYTES + " bytes");
        if (name.startsWith("system.")) return Optional.of("it is the server's own");
        if (name.startsWith("forebay_")) return Optional.of("names that begin with forebay_ are Forebay's own");
        return Optional.empty();
    }

    private static Optional<String> problem(BsonDocument found) {
        String type = found.getString("type", new BsonString("collection")).getValue();
        if (!type.equals("collection")) return Optional.of("it is a " + type);
        BsonDocument options = found.getDocument("options", new BsonDocument());
        BsonValue capped = options.get("capped");
        if (capped != null && capped.isBoolean() && capped.asBoolean().getValue())
            return Optional.of("it is capped, and its documents cannot be deleted");
        if (options.containsKey("collation"))
            return Optional.of("it has a collation of its own, by which two _id may be one that are two to Forebay");
        return Optional.empty();
    }
}
