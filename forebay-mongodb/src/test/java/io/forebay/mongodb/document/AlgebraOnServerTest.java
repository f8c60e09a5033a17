package io.forebay.mongodb.document;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.MongoWriteException;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.UpdateOptions;
import io.forebay.spi.Bytes;
import io.forebay.spi.DocumentAlgebra.Outcome;
import java.time.Instant;
import java.util.Random;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The algebra beside a server: what {@link BsonAlgebra#apply} makes of a document, the server makes of it, see
 * {@link TestMongo}.
 */
class AlgebraOnServerTest {
    private static final int RUNS = Integer.getInteger("forebay.algebra.serverRuns", 1_500);

    private static TestMongo server;
    private static MongoClient client;

    private final BsonAlgebra algebra = new BsonAlgebra();

    @BeforeAll
    static void start() {
        server = new TestMongo();
        client = server.connect();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Test
    void an_update_changes_a_document_as_on_the_server() {
        MongoCollection<BsonDocument> collection =
                client.getDatabase("forebay_algebra").getCollection("documents", BsonDocument.class);
        collection.drop();
        int compared = 0;
        for (int seed = 0; seed < RUNS; seed++) {
            RandomUpdates updates = new RandomUpdates(new Random(seed));
            BsonDocument document = updates.document();
            BsonDocument update = updates.update();
            boolean upsert = seed % 4 == 0;
            if (server.isFaulty(update)) continue;
            compared++;

            BsonDocument id = new BsonDocument("_id", new BsonInt32(seed));
            if (!upsert) collection.insertOne(with(id, document));
            boolean taken = isTaken(collection, id, update, upsert);
            Bytes operations = BsonAlgebra.operations(new BsonInt32(seed), update, upsert, Instant.EPOCH)
                    .orElseThrow();
            Outcome outcome = upsert ? algebra.create(operations) : algebra.apply(BsonBytes.of(document), operations);

            String described =
                    "seed %d: %s on %s".formatted(seed, update.toJson(), upsert ? "nothing" : document.toJson());
            if (!outcome.exact() && taken) { // numbers that are equal and of different types, in either order
                assertThat(described).contains("$sort");
                continue;
            }
            assertThat(outcome.exact()).as(described).isEqualTo(taken);
            assertThat(server.comparable(with(id, BsonBytes.document(outcome.document()))))
                    .as(described)
                    .isEqualTo(server.comparable(collection.find(id).first()));
        }
        assertThat(compared).isGreaterThan(RUNS * 3 / 4);
    }

    private static BsonDocument with(BsonDocument id, BsonDocument document) {
        BsonDocument whole = id.clone();
        whole.putAll(document);
        return whole;
    }

    private static boolean isTaken(
            MongoCollection<BsonDocument> collection, BsonDocument id, BsonDocument update, boolean upsert) {
        try {
            collection.updateOne(id, update, new UpdateOptions().upsert(upsert));
            return true;
        } catch (MongoWriteException e) {
            return false;
        }
    }
}
