package io.forebay.mongodb;

import static io.forebay.mongodb.MongoSinkContract.delete;
import static io.forebay.mongodb.MongoSinkContract.insert;
import static io.forebay.mongodb.MongoSinkContract.json;
import static io.forebay.mongodb.MongoSinkContract.key;
import static io.forebay.mongodb.MongoSinkContract.replace;
import static io.forebay.mongodb.MongoSinkContract.row;
import static io.forebay.mongodb.MongoSinkContract.stage;
import static io.forebay.mongodb.MongoSinkContract.update;
import static io.forebay.mongodb.MongoSinkContract.upsert;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import io.forebay.MissingRow;
import io.forebay.internal.mutation.Apply;
import io.forebay.mongodb.FailingServer.Failure;
import io.forebay.mongodb.document.BsonAlgebra;
import io.forebay.mongodb.document.TestMongo;
import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Bytes;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.PendingRow;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rules G1 to G4: whichever command of a flush is lost, or its reply, the batch is applied once and its refusals are kept once. */
class LostCommandsTest {
    private static final TableInfo PAGES = TableInfo.collection(MongoSinkContract.PAGES, "bson");
    private static final int ENOUGH = 200;

    private static final List<PendingRow> ROWS = rows();

    /** Every kind of write, several steps, and refusals of every kind, so that a batch has several levels and passes. */
    private static List<PendingRow> rows() {
        List<PendingRow> rows = new ArrayList<>(List.of(
                row("counter", upsert("{$inc: {n: 1}}")),
                row("new", upsert("{$inc: {n: 1}, $setOnInsert: {made: 1}}")),
                row("steps", update("{$push: {l: 2}}", "{$pull: {l: 1}}", "{$push: {l: 1}}")),
                row("newSteps", upsert("{$push: {l: 1}}", "{$pull: {l: 1}}", "{$push: {l: 3}}")),
                row("inserted", insert("{n: 1}")),
                row("insertedTwice", insert("{n: 1}"), upsert("{$inc: {n: 1}}")),
                row("deleted", delete()),
                row("madeAnew", delete(), update("{$inc: {lost: 1}}"), upsert("{$inc: {n: 1}}")),
                row("replaced", replace("{x: 1}")),
                row("put", stage(Stage.Kind.REPLACE, "{x: 1}")),
                row("missing", update("{$inc: {n: 1}}")),
                row("poison", update("{$inc: {n: 1}}"), update("{$set: {x: 1}}"))));
        rows.sort(Comparator.comparing(PendingRow::key));
        return rows;
    }

    private static final List<BsonDocument> BEFORE = List.of(
            json("{_id: 'counter', n: 10}"),
            json("{_id: 'steps', l: [1]}"),
            json("{_id: 'insertedTwice', n: 5}"),
            json("{_id: 'deleted', n: 5}"),
            json("{_id: 'madeAnew', old: 5}"),
            json("{_id: 'replaced', old: 5}"),
            json("{_id: 'put', old: 5}"),
            json("{_id: 'poison', n: 'text'}"));

    private static final List<BsonDocument> AFTER = List.of(
            json("{_id: 'counter', n: 11}"),
            json("{_id: 'inserted', n: 1}"),
            json("{_id: 'insertedTwice', n: 6}"),
            json("{_id: 'madeAnew', n: 1}"),
            json("{_id: 'new', n: 1, made: 1}"),
            json("{_id: 'newSteps', l: [3]}"),
            json("{_id: 'poison', n: 'text', x: 1}"),
            json("{_id: 'put', x: 1}"),
            json("{_id: 'replaced', x: 1}"),
            json("{_id: 'steps', l: [2, 1]}"));

    private static final List<String> REFUSED =
            List.of("insertedTwice 23505 INSERT", "madeAnew 02000 UPDATE", "missing 02000 UPDATE", "poison 14 UPDATE");

    @ParameterizedTest
    @MethodSource("io.forebay.mongodb.FailingServer#all")
    void a_batch_is_applied_once_whatever_is_lost(Supplier<FailingServer> servers) {
        try (FailingServer server = servers.get();
                MongoClient client = server.client()) {
            requireEachOnce(server, client, Transactions.WHERE_POSSIBLE);
        }
    }

    @Test
    @EnabledIfSystemProperty(named = TestMongo.URI, matches = ".+", disabledReason = "no server was given")
    void a_batch_is_applied_once_on_the_given_server_without_its_transactions() {
        try (FailingServer server = new GivenServer(System.getProperty(TestMongo.URI));
                MongoClient client = server.client()) {
            requireEachOnce(server, client, Transactions.NEVER);
        }
    }

    private static void requireEachOnce(FailingServer server, MongoClient client, Transactions transactions) {
        for (Failure failure : Failure.values()) {
            int n = 1;
            while (n < ENOUGH && loses(n, server, client, transactions, failure)) n++;

            assertThat(n).as(failure.toString()).isBetween(10, ENOUGH - 1);
        }
    }

    /** Returns whether the n-th command of the flush was lost. */
    private static boolean loses(
            int n, FailingServer server, MongoClient client, Transactions transactions, Failure failure) {
        MongoDatabase database = client.getDatabase("forebay_lost");
        database.drop();
        for (String name : List.of("forebay_watermark", "forebay_dead_letter", "forebay_database", "forebay_intent"))
            database.createCollection(name);
        database.createCollection(PAGES.name());
        database.getCollection(PAGES.name(), BsonDocument.class).insertMany(BEFORE);
        MongoSink sink = MongoSink.builder(client, "forebay_lost")
                .transactions(transactions)
                .build();
        UUID journal = UUID.randomUUID();
        sink.attach(journal, 1, null);
        Batch batch = batch(journal, sink.own(journal, 0).epoch());

        server.failAt(n, failure);
        try {
            sink.apply(batch);
            if (server.failNoMore()) return false; // it needs fewer commands
        } catch (TransientSinkException e) {
            assertThat(server.failNoMore()).isFalse();
        }
        String when = "command " + n + " " + failure;
        requireReadable(database, sink, batch, when);

        Batch again = again(batch, sink.own(journal, 0));
        BatchResult result = sink.apply(again);

        assertThat(documents(database)).as(when).containsExactlyElementsOf(AFTER);
        assertThat(result.deadLetters().stream().map(LostCommandsTest::shown))
                .as(when)
                .containsExactlyInAnyOrderElementsOf(REFUSED);
        assertThat(sink.refused(journal, 0, 0)).as(when).hasSize(REFUSED.size());
        assertThat(sink.own(journal, 0)).as(when).isEqualTo(new Watermark(again.epoch() + 1, 10, batch.id()));
        assertThat(database.getCollection("forebay_intent").countDocuments())
                .as(when)
                .isZero();
        return true;
    }

    private static Batch batch(UUID journal, long epoch) {
        Map<String, TableDefinition> tables =
                Map.of(PAGES.name(), new TableDefinition(PAGES, MissingRow.DEAD_LETTER, null, null, false));
        return new Batch(journal, 0, epoch, 0, 10, UUID.randomUUID(), ROWS, List.of(), tables);
    }

    private static Batch again(Batch batch, Watermark taken) {
        return new Batch(batch.journal(), 0, taken.epoch(), 0, 10, batch.id(), batch.rows(), List.of(), batch.tables());
    }

    /** What is read, with what it lacks laid over it, is what will be there. */
    private static void requireReadable(MongoDatabase database, MongoSink sink, Batch batch, String when) {
        Map<String, BsonDocument> expected = new TreeMap<>();
        AFTER.forEach(it -> expected.put(it.getString("_id").getValue(), it));
        for (PendingRow row : batch.rows()) {
            Bytes key = (Bytes) row.key().values().get(0);
            String id = BsonAlgebra.id(key).asString().getValue();
            if (isInTheMiddle(database, batch, id)) continue;

            BaseRow base = sink.read(batch.journal(), 0, PAGES, row.key());
            List<Stage> pending = base.watermark() < batch.to() ? row.stages() : List.of();
            Optional<Map<String, Object>> whole =
                    Apply.stages(base.columns(), pending, row.key().values(), PAGES);
            BsonDocument shown = whole.map(it -> BsonAlgebra.withId(key, (Bytes) it.get(TableInfo.DOCUMENT)))
                    .orElse(null);
            assertThat(shown).as("%s, row %s", when, id).isEqualTo(expected.get(id));
        }
    }

    /** Of a document with several writes some are done: it is not read before all are. */
    private static boolean isInTheMiddle(MongoDatabase database, Batch batch, String id) {
        BsonDocument document = database.getCollection(PAGES.name(), BsonDocument.class)
                .find(new BsonDocument("_id", new BsonString(id)))
                .first();
        return document != null
                && !Fence.mark(document, Watermarks.name(batch.journal(), 0)).complete();
    }

    private static List<BsonDocument> documents(MongoDatabase database) {
        List<BsonDocument> all = database.getCollection(PAGES.name(), BsonDocument.class)
                .find()
                .sort(json("{_id: 1}"))
                .into(new ArrayList<>());
        all.forEach(it -> it.remove(MongoSink.FENCE_FIELD));
        return all;
    }

    private static String shown(DeadLetter letter) {
        Bytes key = (Bytes) letter.key().values().get(0);
        return BsonAlgebra.id(key).asString().getValue() + " " + letter.state() + " "
                + letter.stage().kind();
    }
}
