package io.forebay.mongodb.document;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.bson.BsonArray;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonValue;
import org.bson.UuidRepresentation;
import org.bson.json.JsonMode;
import org.bson.json.JsonWriterSettings;
import org.jspecify.annotations.Nullable;

/**
 * The server of {@code -Dforebay.test.mongodb.uri}; without one, mongo-java-server in this process. It knows what servers other
 * than MongoDB do otherwise, so that only the rest is compared with them.
 */
public final class TestMongo implements AutoCloseable {
    /** Property with the URI of a server to be tested on. */
    public static final String URI = "forebay.test.mongodb.uri";

    private final @Nullable MongoServer inProcess;
    private final String uri;
    private final Kind kind;

    private enum Kind {
        MONGODB,
        DOCUMENTDB,
        FERRETDB,
        MONGO_JAVA_SERVER
    }

    public TestMongo() {
        this(System.getProperty(URI, ""));
    }

    /** @param given the server, or an empty text for the one in this process */
    public TestMongo(String given) {
        inProcess = given.isEmpty() ? new MongoServer(new MemoryBackend()) : null;
        uri = inProcess == null
                ? given
                : "mongodb://127.0.0.1:" + inProcess.bind().getPort();
        kind = inProcess == null ? asked() : Kind.MONGO_JAVA_SERVER;
    }

    private Kind asked() {
        try (MongoClient client = connect()) {
            Set<String> told = client.getDatabase("admin")
                    .runCommand(new BsonDocument("buildInfo", new BsonInt32(1)))
                    .keySet();
            if (told.contains("ferretdb")) return Kind.FERRETDB;
            return told.contains("gitVersion") ? Kind.MONGODB : Kind.DOCUMENTDB;
        }
    }

    /** Whether it has sessions. */
    public boolean hasSessions() {
        return kind != Kind.MONGO_JAVA_SERVER;
    }

    public MongoClient connect() {
        return MongoClients.create(MongoClientSettings.builder()
                .applyConnectionString(new ConnectionString(uri))
                .uuidRepresentation(UuidRepresentation.STANDARD)
                .build());
    }

    /**
     * Whether the server is known to do something else than MongoDB. DocumentDB makes the document in which a list would be that is
     * taken from, and no list where nothing is added. FerretDB passes over the clauses of {@code $push}, over
     * conditions in {@code $pull}, and over a null or an empty list that would make a field. mongo-java-server fails at a
     * {@code $position} before the beginning, and its {@code $addToSet} knows neither duplicates among several values nor equal
     * numbers of different types.
     */
    public boolean isFaulty(BsonDocument update) {
        return switch (kind) {
            case MONGODB -> false;
            case DOCUMENTDB ->
                hasAny(update, "$pull", "d1.", "d2.")
                        || hasAny(update, "$pullAll", "d1.", "d2.")
                        || hasAny(update, "$pop", "d1.", "d2.")
                        || hasAny(update, "$push", "\"$each\": []", "\"$slice\": 0")
                        || hasAny(update, "$addToSet", "\"$each\": []");
            case FERRETDB ->
                hasAny(update, "$push", "$slice", "$position", "$sort")
                        || hasAny(update, "$pull", "$gte", "$lt", "$in")
                        || hasAny(update, "$setOnInsert", "null", "[]")
                        || hasAny(update, "$addToSet", "[]");
            case MONGO_JAVA_SERVER ->
                hasAny(update, "$push", "$position\": -") || hasAny(update, "$addToSet", "$each") || addsNumber(update);
        };
    }

    private static boolean addsNumber(BsonDocument update) {
        return update.getDocument("$addToSet", new BsonDocument()).values().stream()
                .anyMatch(BsonValue::isNumber);
    }

    private static boolean hasAny(BsonDocument update, String operator, String... parts) {
        String lines = update.getDocument(operator, new BsonDocument()).toJson();
        return Stream.of(parts).anyMatch(lines::contains);
    }

    /**
     * A document in a form in which two that are equal on this server are equal. On MongoDB that is all of it, the order of its
     * fields too; the others make new fields in the order of the update, and know neither minus zero nor a change of a
     * number's type alone.
     */
    public Object comparable(BsonDocument document) {
        return kind == Kind.MONGODB ? typed(document) : sorted(Keys.canonical(document));
    }

    /** A document as text that tells the types of numbers apart. */
    static String typed(BsonDocument document) {
        return document.toJson(
                JsonWriterSettings.builder().outputMode(JsonMode.EXTENDED).build());
    }

    private static BsonValue sorted(BsonValue value) {
        if (value.isArray())
            return new BsonArray(value.asArray().stream().map(TestMongo::sorted).toList());
        if (!value.isDocument()) return value;
        BsonDocument sorted = new BsonDocument();
        for (Map.Entry<String, BsonValue> field : new TreeMap<>(value.asDocument()).entrySet())
            sorted.append(field.getKey(), sorted(field.getValue()));
        return sorted;
    }

    @Override
    public void close() {
        if (inProcess != null) inProcess.shutdownNow();
    }
}
