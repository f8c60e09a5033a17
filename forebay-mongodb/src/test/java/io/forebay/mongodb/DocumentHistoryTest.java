package io.forebay.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateOptions;
import io.forebay.Ack;
import io.forebay.Documents;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.JournalPolicy;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.StaleReadException;
import io.forebay.Table;
import io.forebay.mongodb.FailingServer.Failure;
import io.forebay.mongodb.document.BsonAlgebra;
import io.forebay.spi.Bytes;
import io.forebay.spi.TransientSinkException;
import io.forebay.testkit.SimulatedDisk;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.bson.conversions.Bson;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of documents through the whole engine, with flushes, lost commands, kills and power cuts, against a
 * collection of the same server that a bare driver writes to at once: every read on the way, and all documents at the end,
 * are the same. {@code -Dforebay.histories=N} runs more of them.
 */
class DocumentHistoryTest {
    private static final int SEEDS = Math.max(6, Integer.getInteger("forebay.histories", 0));
    private static final int STEPS = 120;
    private static final int KEYS = 4;
    private static final Duration ACK_TIMEOUT = Duration.ofSeconds(30);

    /** Updates that no document here refuses: {@code n} and {@code m} are numbers, {@code l} and {@code k} lists. */
    private static final List<String> UPDATES = List.of(
            "{$push: {l: 1}}",
            "{$push: {l: {$each: [2, 3], $slice: -4}}}",
            "{$pull: {l: 1}}",
            "{$addToSet: {l: 2}}",
            "{$pop: {l: 1}}",
            "{$pop: {l: -1}, $inc: {n: 2}}",
            "{$unset: {n: ''}}",
            "{$mul: {n: 2}}",
            "{$min: {m: 3}, $max: {n: 4}}",
            "{$rename: {l: 'k'}}",
            "{$rename: {k: 'l'}, $inc: {m: 1}}",
            "{$set: {'a.b': 1, n: 5}}",
            "{$inc: {'a.c': 1}}",
            "{$unset: {a: ''}}",
            "{$setOnInsert: {made: 1}, $inc: {n: 1}}");

    @ParameterizedTest
    @MethodSource("io.forebay.mongodb.FailingServer#all")
    void histories_end_as_if_a_driver_had_written_at_once(Supplier<FailingServer> servers) {
        try (FailingServer server = servers.get();
                MongoClient client = server.client();
                MongoClient bare = server.client()) {
            for (int seed = 0; seed < SEEDS; seed++) new History(seed, server, client, bare).run();
        }
    }

    private static final class History {
        private final Random random;
        private final String name;
        private final FailingServer server;
        private final MongoClient client;
        private final MongoDatabase database;
        private final MongoCollection<BsonDocument> model;
        private SimulatedDisk disk;
        private Forebay forebay;
        private Table pages;
        private Ack last;

        private History(int seed, FailingServer server, MongoClient client, MongoClient bare) {
            this.random = new Random(seed);
            this.name = "seed " + seed;
            this.server = server;
            this.client = client;
            this.database = bare.getDatabase("forebay_history_" + seed);
            this.model = bare.getDatabase(FailingServer.SAFE).getCollection("model" + seed, BsonDocument.class);
            this.disk = new SimulatedDisk(seed);
        }

        private void run() {
            database.drop();
            model.drop();
            for (String collection : List.of("forebay_watermark", "forebay_dead_letter", "forebay_database", "pages"))
                database.createCollection(collection);
            open();
            for (int step = 0; step < STEPS; step++) step();
            server.failNoMore();
            forebay.flushAndWait();
            for (int id = 0; id < KEYS; id++)
                assertThat(stored(id)).as("%s, document %d", name, id).isEqualTo(model(id));
            assertThat(database.getCollection("forebay_dead_letter").countDocuments())
                    .as(name)
                    .isZero();
            forebay.close(Duration.ofSeconds(10));
        }

        private void open() {
            forebay = Forebay.builder()
                    .database("default", MongoSink.of(client, database.getName()))
                    .journal(database -> disk)
                    .partitions(2)
                    .journalPolicy(new JournalPolicy(64 << 10, Duration.ofHours(1), 1 << 20, 8 << 20))
                    .flush(FlushPolicy.DEFAULT
                            .withMaxRows(1 + random.nextInt(6))
                            .withInterval(Duration.ofMillis(1 + random.nextInt(20)), Duration.ZERO)
                            .withRetry(Duration.ofMillis(1), Duration.ofMillis(2)))
                    .build();
            pages = forebay.table("pages", table -> table.onMissingRow(MissingRow.IGNORE));
        }

        private void step() {
            int dice = random.nextInt(100);
            if (dice < 70) write();
            else if (dice < 84) read();
            else if (dice < 88) forebay.flush();
            else if (dice < 94) loseACommand();
            else if (dice < 98) die();
            else forebay.flushAndWait();
        }

        private void loseACommand() {
            server.failAt(1 + random.nextInt(12), random.nextBoolean() ? Failure.REQUEST_LOST : Failure.REPLY_LOST);
        }

        /** What is acknowledged is there afterwards; the old process may be in the middle of a flush. */
        private void die() {
            if (last != null) last.await(ACK_TIMEOUT);
            SimulatedDisk after = random.nextBoolean() ? disk.crash() : disk.powerCut();
            Forebay dead = forebay;
            disk = after;
            open();
            dead.close(Duration.ZERO);
        }

        private void write() {
            int id = random.nextInt(KEYS);
            Row row = pages.row("k" + id);
            long amount = random.nextInt(20);
            switch (random.nextInt(9)) {
                case 0 -> {
                    last = row.increment("n", amount);
                    update(id, "{$inc: {n: {$numberLong: '" + amount + "'}}}", false);
                }
                case 1 -> {
                    last = row.max("m", amount);
                    update(id, "{$max: {m: {$numberLong: '" + amount + "'}}}", false);
                }
                case 2 -> {
                    last = row.upsert(Map.of("x", "t" + amount));
                    update(id, "{$set: {x: 't" + amount + "'}}", true);
                }
                case 3 -> {
                    last = row.delete();
                    model.deleteOne(byId(id));
                }
                case 4 -> insertOrReplace(id, amount);
                default -> operate(id, UPDATES.get(random.nextInt(UPDATES.size())), random.nextInt(3) > 0);
            }
        }

        /** A refused insert takes along what was merged into it, which is not what this is about. */
        private void insertOrReplace(int id, long amount) {
            BsonDocument document = BsonDocument.parse("{n: " + amount + ", l: [1, 2]}");
            boolean upsert = random.nextBoolean();
            if (model(id) == null && random.nextBoolean()) {
                last = pages.insert(Map.of("_id", "k" + id, "n", (int) amount));
                model.insertOne(BsonDocument.parse("{_id: 'k" + id + "', n: " + amount + "}"));
            } else {
                last = documents().replace(key(id), BsonAlgebra.document(document), upsert);
                model.replaceOne(byId(id), document, new ReplaceOptions().upsert(upsert));
            }
        }

        private void operate(int id, String update, boolean upsert) {
            Bytes operations = BsonAlgebra.operations(
                            new BsonString("k" + id), BsonDocument.parse(update), upsert, Instant.EPOCH)
                    .orElseThrow();
            last = documents().update(key(id), operations, upsert);
            update(id, update, upsert);
        }

        private void update(int id, String update, boolean upsert) {
            model.updateOne(byId(id), BsonDocument.parse(update), new UpdateOptions().upsert(upsert));
        }

        private void read() {
            int id = random.nextInt(KEYS);
            try {
                BsonDocument seen = documents()
                        .read(key(id))
                        .map(document -> BsonAlgebra.withId(key(id), document))
                        .orElse(null);
                assertThat(seen).as("%s, document %d", name, id).isEqualTo(model(id));
            } catch (TransientSinkException | StaleReadException e) {
                server.failNoMore(); // the command that was to be lost was the read's own
            }
        }

        private Documents documents() {
            return pages.documents();
        }

        private static Bytes key(int id) {
            return BsonAlgebra.key(new BsonString("k" + id));
        }

        private static Bson byId(int id) {
            return Filters.eq("_id", "k" + id);
        }

        private BsonDocument model(int id) {
            return model.find(byId(id)).first();
        }

        private BsonDocument stored(int id) {
            BsonDocument found = database.getCollection("pages", BsonDocument.class)
                    .find(byId(id))
                    .first();
            if (found != null) found.remove(MongoSink.FENCE_FIELD);
            return found;
        }
    }
}
