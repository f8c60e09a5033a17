package io.forebay.mongodb.client;

import com.mongodb.client.MongoCluster;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import java.util.HashMap;
import java.util.Map;

/** What a method of the driver means for the buffer. */
enum Kind {
    /** Answers from the object itself. */
    LOCAL,
    /** Makes an object like this one with another setting. */
    DERIVES,
    /** Makes a database or a collection. */
    OPENS,
    /** Writes that may be buffered. */
    BUFFERS,
    /** A query that may be answered from the buffer. */
    FINDS,
    /** Makes something that asks the server when it is iterated. */
    ITERATES,
    /** Asks the server at once. */
    READS,
    /** Runs a command, of whatever effect. */
    COMMANDS,
    /** Ends the client. */
    CLOSES,
    /** Changes something at the server: behind what is pending. */
    GOES_THROUGH;

    private static final Map<String, Kind> COLLECTION = kinds(
            kind(LOCAL, "getNamespace", "getDocumentClass", "getCodecRegistry", "getReadPreference", "getWriteConcern"),
            kind(LOCAL, "getReadConcern", "getTimeout"),
            kind(DERIVES, "withDocumentClass", "withCodecRegistry", "withReadPreference", "withWriteConcern"),
            kind(DERIVES, "withReadConcern", "withTimeout"),
            kind(BUFFERS, "insertOne", "insertMany", "replaceOne", "updateOne", "deleteOne", "bulkWrite"),
            kind(FINDS, "find"),
            kind(ITERATES, "aggregate", "distinct", "mapReduce", "listIndexes", "listSearchIndexes", "watch"),
            kind(READS, "countDocuments", "estimatedDocumentCount"),
            kind(GOES_THROUGH, "updateMany", "deleteMany", "findOneAndDelete", "findOneAndReplace", "findOneAndUpdate"),
            kind(GOES_THROUGH, "drop", "renameCollection", "createIndex", "createIndexes", "dropIndex", "dropIndexes"),
            kind(GOES_THROUGH, "createSearchIndex", "createSearchIndexes", "updateSearchIndex", "dropSearchIndex"));

    private static final Map<String, Kind> DATABASE = kinds(
            kind(LOCAL, "getName", "getCodecRegistry", "getReadPreference", "getWriteConcern", "getReadConcern"),
            kind(LOCAL, "getTimeout"),
            kind(DERIVES, "withCodecRegistry", "withReadPreference", "withWriteConcern", "withReadConcern"),
            kind(DERIVES, "withTimeout"),
            kind(OPENS, "getCollection"),
            kind(ITERATES, "aggregate", "listCollectionNames", "listCollections", "watch"),
            kind(COMMANDS, "runCommand"),
            kind(GOES_THROUGH, "drop", "createCollection", "createView"));

    private static final Map<String, Kind> CLIENT = kinds(
            kind(LOCAL, "getCodecRegistry", "getReadPreference", "getWriteConcern", "getReadConcern", "getTimeout"),
            kind(LOCAL, "getClusterDescription", "appendMetadata", "startSession"),
            kind(DERIVES, "withCodecRegistry", "withReadPreference", "withWriteConcern", "withReadConcern"),
            kind(DERIVES, "withTimeout"),
            kind(OPENS, "getDatabase"),
            kind(ITERATES, "listDatabases", "listDatabaseNames", "watch"),
            kind(GOES_THROUGH, "bulkWrite"),
            kind(CLOSES, "close"));

    /** The kind of a method of one of the driver's interfaces; one that is not known goes through. */
    static Kind of(Class<?> type, String method) {
        return known(type).getOrDefault(method, GOES_THROUGH);
    }

    /** The methods of which it was decided what they mean. */
    static Map<String, Kind> known(Class<?> type) {
        if (MongoCollection.class.isAssignableFrom(type)) return COLLECTION;
        if (MongoDatabase.class.isAssignableFrom(type)) return DATABASE;
        if (MongoCluster.class.isAssignableFrom(type)) return CLIENT;
        throw new IllegalArgumentException("there is no layer for " + type);
    }

    private static Map<String, Kind> kind(Kind kind, String... methods) {
        Map<String, Kind> kinds = new HashMap<>();
        for (String method : methods) kinds.put(method, kind);
        return kinds;
    }

    @SafeVarargs
    private static Map<String, Kind> kinds(Map<String, Kind>... parts) {
        Map<String, Kind> kinds = new HashMap<>();
        for (Map<String, Kind> part : parts) kinds.putAll(part);
        return Map.copyOf(kinds);
    }
}
