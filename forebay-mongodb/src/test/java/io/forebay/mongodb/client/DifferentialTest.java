package io.forebay.mongodb.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.InsertOneModel;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.WriteModel;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.mongodb.MongoSink;
import io.forebay.mongodb.document.RandomUpdates;
import io.forebay.mongodb.document.TestMongo;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonValue;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same random operations of the driver on a bare collection and on a wrapped one of the same server, with flushes that
 * fail, replies that are lost, and restarts between: what callers are told and see is the same, and so are the documents in
 * the end.
 */
class DifferentialTest {
    private static final String BARE = "forebay_bare";
    private static final String WRAPPED = "forebay_wrapped";

    static TestMongo server;

    @TempDir
    private Path journals;

    @BeforeAll
    static void start() {
        server = new TestMongo();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void a_wrapped_collection_is_as_a_bare_one() {
        for (int seed = 0; seed < 4; seed++) run(seed, 100);
    }

    @Test
    @Tag("slow")
    void a_wrapped_collection_is_as_a_bare_one_for_long() {
        for (int seed = 100; seed < 100 + Integer.getInteger("forebay.histories", 300); seed++) run(seed, 400);
    }

    private void run(int seed, int operations) {
        try (Pair pair = new Pair(seed, journals.resolve("journal-" + seed))) {
            for (int i = 0; i < operations; i++) pair.doSomething(i);
            pair.compareAll();
            assertThat(pair.deadLetters).as("seed %d", seed).isZero();
        }
    }

    /** The two collections, and what is known of both. */
    private final class Pair implements AutoCloseable {
        private final int seed;
        private final Path journal;
        private final Random random;
        private final RandomUpdates updates;
        private final MongoClient bareClient = server.connect();
        private final MongoCollection<BsonDocument> bare =
                bareClient.getDatabase(BARE).getCollection("documents", BsonDocument.class);
        private final List<BsonValue> bareIds = new ArrayList<>();
        private final List<BsonValue> wrappedIds = new ArrayList<>();
        private MongoClient inner;
        private Forebay forebay;
        private BufferedMongoClient client;
        private MongoCollection<BsonDocument> wrapped;
        private long deadLetters;
        private String doing = "";

        Pair(int seed, Path journal) {
            this.seed = seed;
            this.journal = journal;
            this.random = new Random(seed);
            this.updates = new RandomUpdates(random);
            bareClient.getDatabase(BARE).drop();
            bareClient.getDatabase(WRAPPED).drop();
            open();
            for (int i = 0; i < 4; i++) {
                bareIds.add(new BsonInt32(i));
                wrappedIds.add(new BsonInt32(i));
            }
        }

        private void open() {
            inner = server.connect();
            forebay = Forebay.builder()
                    .database(WRAPPED, new FailingSink(MongoSink.of(inner, WRAPPED)).sometimes(seed))
                    .journal(journal)
                    .partitions(2)
                    .flush(FlushPolicy.DEFAULT
                            .withInterval(Duration.ofMillis(200), Duration.ofMillis(200))
                            .withRetry(Duration.ofMillis(1), Duration.ofMillis(5)))
                    .build();
            client = BufferedMongo.wrap(
                    inner,
                    BufferedMongoOptions.builder()
                            .collections(WRAPPED, "documents")
                            .forebay(forebay)
                            .build());
            wrapped = client.getDatabase(WRAPPED).getCollection("documents", BsonDocument.class);
        }

        private void restart() {
            deadLetters += client.stats().deadLetters();
            forebay.close(Duration.ZERO);
            inner.close();
            open();
        }

        void doSomething(int number) {
            int chosen = random.nextInt(100);
            int which = random.nextInt(bareIds.size());
            doing = "seed %d, operation %d, kind %d, document %d".formatted(seed, number, chosen, which);
            if (chosen < 40) update(which);
            else if (chosen < 46) replace(which);
            else if (chosen < 51) both(side -> side.collection.deleteOne(side.byId(which)));
            else if (chosen < 59) insert();
            else if (chosen < 62) insertMany();
            else if (chosen < 68) bulk();
            else if (chosen < 80) find(which);
            else if (chosen < 83) same(side -> side.collection.countDocuments(Filters.exists("n1")));
            else if (chosen < 86) same(side -> side.all(Filters.gte("n1", 0)));
            else if (chosen < 89) findOneAndUpdate(which);
            else if (chosen < 91) same(side -> side.found(side.collection.findOneAndDelete(side.byId(which))));
            else if (chosen < 93) updateMany();
            else if (chosen < 94)
                same(side -> side.collection.deleteMany(Filters.lt("n2", -2)).getDeletedCount());
            else if (chosen < 97) client.flushAndWait();
            else restart();
        }

        private void update(int which) {
            BsonDocument update = taken(which);
            UpdateOptions options = new UpdateOptions().upsert(random.nextInt(3) == 0);
            doing += " " + update.toJson();
            both(side -> side.collection.updateOne(side.byId(which), update, options));
            if (random.nextBoolean()) find(which);
        }

        /** An update that the server takes; those it refuses are in the dead letters here, and an exception there. */
        private BsonDocument taken(int which) {
            BsonDocument document =
                    bare.find(Filters.eq("_id", bareIds.get(which))).first();
            while (true) {
                BsonDocument update = updates.update();
                if (!server.isFaulty(update) && RandomUpdates.isTaken(document, update)) return update;
            }
        }

        private void find(int which) {
            same(side -> side.found(side.collection.find(side.byId(which)).first()));
        }

        private void replace(int which) {
            BsonDocument document = updates.document();
            ReplaceOptions options = new ReplaceOptions().upsert(random.nextBoolean());
            both(side -> side.collection.replaceOne(side.byId(which), document.clone(), options));
        }

        private void insert() {
            BsonDocument document = updates.document();
            bareIds.add(bare.insertOne(document.clone()).getInsertedId());
            wrappedIds.add(wrapped.insertOne(document.clone()).getInsertedId());
        }

        private void insertMany() {
            List<BsonDocument> documents = List.of(updates.document(), updates.document());
            bareIds.addAll(bare.insertMany(copies(documents)).getInsertedIds().values());
            wrappedIds.addAll(
                    wrapped.insertMany(copies(documents)).getInsertedIds().values());
        }

        private static List<BsonDocument> copies(List<BsonDocument> documents) {
            return documents.stream().map(BsonDocument::clone).toList();
        }

        private void bulk() {
            int updated = random.nextInt(bareIds.size());
            int replaced = random.nextInt(bareIds.size());
            int deleted = random.nextInt(bareIds.size());
            BsonDocument update = taken(updated);
            BsonDocument document = updates.document();
            both(side -> {
                List<WriteModel<BsonDocument>> models = List.of(
                        new UpdateOneModel<>(side.byId(updated), update),
                        new ReplaceOneModel<>(side.byId(replaced), document.clone()),
                        new InsertOneModel<>(new BsonDocument("v1", new BsonInt32(7))),
                        new DeleteOneModel<>(side.byId(deleted)));
                return side.collection.bulkWrite(models);
            });
        }

        private void findOneAndUpdate(int which) {
            BsonDocument update = taken(which);
            FindOneAndUpdateOptions options = new FindOneAndUpdateOptions()
                    .returnDocument(ReturnDocument.AFTER)
                    .upsert(random.nextBoolean());
            same(side -> side.found(side.collection.findOneAndUpdate(side.byId(which), update, options)));
        }

        private void updateMany() {
            BsonDocument update = BsonDocument.parse("{$set: {v3: %d}}".formatted(random.nextInt(3)));
            same(side ->
                    side.collection.updateMany(Filters.exists("n1"), update).getMatchedCount());
        }

        void compareAll() {
            doing = "seed %d, in the end".formatted(seed);
            same(side -> side.all(new BsonDocument()));
            for (int i = 0; i < bareIds.size(); i++) find(i);
            deadLetters += client.stats().deadLetters();
        }

        private void both(Function<Side, ?> operation) {
            operation.apply(new Side(bare, bareIds));
            operation.apply(new Side(wrapped, wrappedIds));
        }

        private void same(Function<Side, ?> operation) {
            Object expected = operation.apply(new Side(bare, bareIds));
            Object actual = operation.apply(new Side(wrapped, wrappedIds));
            assertThat(actual).as(doing).isEqualTo(expected);
        }

        @Override
        public void close() {
            client.close();
            forebay.close();
            bareClient.close();
        }
    }

    /** One of the two collections; documents are named by their number, because the driver makes other ids in each. */
    private record Side(MongoCollection<BsonDocument> collection, List<BsonValue> ids) {
        BsonDocument byId(int which) {
            return new BsonDocument("_id", ids.get(which));
        }

        Object found(BsonDocument document) {
            if (document == null) return "none";
            document.put("_id", new BsonInt32(ids.indexOf(document.get("_id"))));
            return server.comparable(document);
        }

        Object all(org.bson.conversions.Bson filter) {
            return collection.find(filter).sort(Sorts.ascending("_id")).into(new ArrayList<>()).stream()
                    .map(this::found)
                    .map(Object::toString)
                    .sorted()
                    .toList();
        }
    }
}
