package io.forebay.mongodb;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.ReturnDocument;
import io.forebay.mongodb.Watermarks.State;
import io.forebay.spi.MismatchException;
import java.util.List;
import java.util.UUID;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/** Binds a journal and a database to each other: each holds the other's id. */
final class Attachment {
    private static final String COLLECTION = "forebay_database";
    private static final BsonDocument ONLY = new BsonDocument("_id", new BsonString("database"));

    private final MongoCollection<BsonDocument> documents;
    private final Watermarks watermarks;

    Attachment(MongoDatabase database) {
        this.documents = database.getCollection(COLLECTION, BsonDocument.class);
        this.watermarks = new Watermarks(database);
    }

    UUID attach(UUID journal, int partitions, @Nullable UUID expected) {
        if (expected == null) return attach(journal, partitions);
        BsonDocument found = documents.find(ONLY).first();
        if (found == null || !expected.equals(id(found)))
            throw new MismatchException(
                    "journal %s belongs to database %s, this one is %s: connect to the right database, or start a new journal"
                            .formatted(journal, expected, found == null ? "unknown to Forebay" : id(found)),
                    null);
        List<State> known = requirePartitions(journal, partitions);
        if (known.size() != partitions)
            throw new MismatchException(
                    "database %s has %d watermarks of journal %s, which has %d partitions: it is an older copy of the database, or its documents were deleted"
                            .formatted(expected, known.size(), journal, partitions),
                    null);
        return expected;
    }

    /** A journal whose manifest names no database. Some of its watermarks may be there: a process ended while making them. */
    private UUID attach(UUID journal, int partitions) {
        BsonDocument found = documents.findOneAndUpdate(
                ONLY,
                new BsonDocument(
                        "$setOnInsert",
                        new BsonDocument("id", new BsonString(UUID.randomUUID().toString()))),
                new FindOneAndUpdateOptions().upsert(true).returnDocument(ReturnDocument.AFTER));
        if (found == null) throw new IllegalStateException("an upsert has left nothing");
        if (requirePartitions(journal, partitions).size() < partitions)
            for (int partition = 0; partition < partitions; partition++)
                watermarks.create(journal, partition, partitions);
        return id(found);
    }

    private List<State> requirePartitions(UUID journal, int partitions) {
        List<State> known = watermarks.all(journal);
        for (State state : known)
            if (state.partitions() != partitions)
                throw new MismatchException(
                        "the database knows journal %s with %d partitions, it has %d"
                                .formatted(journal, state.partitions(), partitions),
                        null);
        return known;
    }

    private static UUID id(BsonDocument document) {
        return UUID.fromString(document.getString("id").getValue());
    }
}
