package io.forebay.mongodb;

import static io.forebay.mongodb.MongoSinkContract.json;
import static io.forebay.mongodb.MongoSinkContract.row;
import static io.forebay.mongodb.MongoSinkContract.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Updates;
import io.forebay.mongodb.FailingServer.Failure;
import io.forebay.spi.Batch;
import io.forebay.spi.DeadLetterStore.Entry;
import io.forebay.spi.DeadLetterStore.Replayed;
import io.forebay.spi.PendingRow;
import io.forebay.spi.SinkException;
import io.forebay.spi.TransientSinkException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Dead letters are listed, tried again and thrown away, each once, on servers with transactions and without. */
class MongoDeadLettersTest {
    private static final int ENOUGH = 100;

    /** A server with two dead letters: an update of a document that is missing, and one whose second step is refused. */
    private static final class Scene implements AutoCloseable {
        final FailingServer server;
        final MongoClient client;
        final MongoDatabase database;
        final MongoSink sink;
        final MongoDeadLetters letters;
        final UUID journal = UUID.randomUUID();

        Scene(Supplier<FailingServer> servers) {
            server = servers.get();
            client = server.client();
            database = client.getDatabase("forebay_letters");
            sink = MongoSink.of(client, "forebay_letters");
            letters = new MongoDeadLetters(client, "forebay_letters");
            refuse();
        }

        /** Begins anew. */
        void refuse() {
            database.drop();
            for (String name :
                    List.of("forebay_watermark", "forebay_dead_letter", "forebay_database", "forebay_intent"))
                database.createCollection(name);
            database.createCollection(MongoSinkContract.PAGES);
            sink.attach(journal, 1, null);
            pages().insertOne(json("{_id: 'text', n: 'one'}"));
            sink.apply(batch(
                    0,
                    10,
                    row("missing", update("{$inc: {n: 1}}", "{$push: {l: 1}}")),
                    row("text", update("{$inc: {n: 1}}"))));
        }

        Batch batch(long from, long to, PendingRow... rows) {
            long epoch = sink.own(journal, 0).epoch();
            return new Batch(journal, 0, epoch, from, to, UUID.randomUUID(), List.of(rows), List.of(), Map.of());
        }

        MongoCollection<BsonDocument> pages() {
            return database.getCollection(MongoSinkContract.PAGES, BsonDocument.class);
        }

        BsonDocument page(String id) {
            BsonDocument found = pages().find(Filters.eq("_id", id)).first();
            found.remove(MongoSink.FENCE_FIELD);
            return found;
        }

        long count(String collection) {
            return database.getCollection(collection).countDocuments();
        }

        @Override
        public void close() {
            client.close();
            server.close();
        }
    }

    private static boolean isOf(String id, Entry entry) {
        return entry.letter().key().equals(MongoSinkContract.key(id));
    }

    @ParameterizedTest
    @MethodSource("io.forebay.mongodb.FailingServer#all")
    void they_are_listed_with_what_was_refused(Supplier<FailingServer> servers) {
        try (Scene scene = new Scene(servers)) {
            List<Entry> all = scene.letters.list(10);

            assertThat(all).extracting(entry -> entry.letter().state()).containsExactly("02000", "14");
            assertThat(all).extracting(Entry::attempts).containsOnly(1);
            assertThat(all).extracting(Entry::journal).containsOnly(scene.journal);
            assertThat(scene.letters.list(1)).isEqualTo(all.subList(0, 1));
            assertThatThrownBy(() -> scene.letters.list(0)).hasMessageContaining("limit must be at least 1, was 0");
        }
    }

    @ParameterizedTest
    @MethodSource("io.forebay.mongodb.FailingServer#all")
    void what_is_no_longer_refused_is_applied_and_gone_and_what_still_is_stays(Supplier<FailingServer> servers) {
        try (Scene scene = new Scene(servers)) {
            scene.pages().insertOne(json("{_id: 'missing', n: 1}"));

            assertThat(scene.letters.replay(entry -> true)).isEqualTo(new Replayed(1, 1));

            assertThat(scene.page("missing")).isEqualTo(json("{_id: 'missing', n: 2, l: [1]}"));
            assertThat(scene.letters.list(10)).singleElement().satisfies(entry -> {
                assertThat(entry.letter().state()).isEqualTo("14");
                assertThat(entry.attempts()).isEqualTo(2);
                assertThat(entry.journal()).isEqualTo(scene.journal);
            });
            assertThat(scene.count("forebay_watermark")).isEqualTo(1);

            scene.pages().updateOne(Filters.eq("_id", "text"), Updates.set("n", 5));
            assertThat(scene.letters.replay(entry -> true)).isEqualTo(new Replayed(1, 0));
            assertThat(scene.page("text")).isEqualTo(json("{_id: 'text', n: 6}"));
            assertThat(scene.count("forebay_dead_letter")).isZero();
        }
    }

    @ParameterizedTest
    @MethodSource("io.forebay.mongodb.FailingServer#all")
    void of_a_letter_that_is_refused_in_part_only_that_part_stays(Supplier<FailingServer> servers) {
        try (Scene scene = new Scene(servers)) {
            scene.pages().insertOne(json("{_id: 'missing', l: 'no list'}"));

            assertThat(scene.letters.replay(entry -> isOf("missing", entry))).isEqualTo(new Replayed(0, 1));
            assertThat(scene.page("missing")).isEqualTo(json("{_id: 'missing', l: 'no list', n: 1}"));

            scene.pages().updateOne(Filters.eq("_id", "missing"), Updates.set("l", List.of()));
            assertThat(scene.letters.replay(entry -> isOf("missing", entry))).isEqualTo(new Replayed(1, 0));
            assertThat(scene.page("missing")).isEqualTo(json("{_id: 'missing', l: [1], n: 1}"));
        }
    }

    @ParameterizedTest
    @MethodSource("io.forebay.mongodb.FailingServer#all")
    void what_is_thrown_away_is_gone(Supplier<FailingServer> servers) {
        try (Scene scene = new Scene(servers)) {
            assertThat(scene.letters.drop(entry -> isOf("missing", entry))).isEqualTo(1);

            assertThat(scene.letters.list(10)).hasSize(1);
            assertThat(scene.count("forebay_watermark")).isEqualTo(1);
        }
    }

    /** Without transactions a letter is there before its batch is applied: whoever ends the batch would apply it again. */
    @ParameterizedTest
    @MethodSource("io.forebay.mongodb.FailingServer#all")
    void a_letter_of_a_batch_that_is_being_flushed_waits(Supplier<FailingServer> servers) {
        try (Scene scene = new Scene(servers)) {
            scene.database
                    .getCollection("forebay_watermark")
                    .updateOne(Filters.eq("_id", scene.journal + "/0"), Updates.set("sequence", 5L));

            assertThat(scene.letters.replay(entry -> true)).isEqualTo(new Replayed(0, 0));
            assertThat(scene.letters.drop(entry -> true)).isZero();
            assertThat(scene.letters.list(10)).hasSize(2);
        }
    }

    /** A command that is lost, or its reply, ends a replay as a death would; the next one goes on. */
    @ParameterizedTest
    @MethodSource("io.forebay.mongodb.FailingServer#all")
    void a_replay_that_ends_at_any_command_neither_loses_nor_doubles_a_letter(Supplier<FailingServer> servers) {
        try (Scene scene = new Scene(servers)) {
            for (Failure failure : Failure.values()) {
                int n = 1;
                while (n < ENOUGH && endsAt(n, scene, failure)) n++;

                assertThat(n).as(failure.toString()).isBetween(10, ENOUGH - 1);
            }
        }
    }

    private static boolean endsAt(int n, Scene scene, Failure failure) {
        scene.refuse();
        scene.pages().insertOne(json("{_id: 'missing', n: 1}"));
        scene.server.failAt(n, failure);
        try {
            scene.letters.replay(entry -> true);
            if (scene.server.failNoMore()) return false; // it needs fewer commands
        } catch (TransientSinkException e) {
            assertThat(scene.server.failNoMore()).isFalse();
        }
        assertThat(scene.letters.list(10)).as("command " + n).hasSizeBetween(1, 3);

        scene.letters.replay(entry -> true);

        assertThat(scene.page("missing")).as("command " + n).isEqualTo(json("{_id: 'missing', n: 2, l: [1]}"));
        assertThat(scene.page("text")).as("command " + n).containsEntry("n", new BsonString("one"));
        assertThat(scene.letters.list(10))
                .as("command " + n)
                .singleElement()
                .satisfies(entry -> assertThat(isOf("text", entry)).isTrue());
        assertThat(scene.count("forebay_intent")).isZero();
        return true;
    }

    @ParameterizedTest
    @MethodSource("io.forebay.mongodb.FailingServer#all")
    void replays_at_once_apply_each_letter_once(Supplier<FailingServer> servers) {
        try (Scene scene = new Scene(servers)) {
            for (int round = 0; round < 20; round++) {
                scene.refuse();
                scene.pages().insertOne(json("{_id: 'missing', n: 1}"));
                List<CompletableFuture<Void>> both = new ArrayList<>();
                for (int i = 0; i < 2; i++) both.add(CompletableFuture.runAsync(() -> replayOrGiveWay(scene)));
                both.forEach(CompletableFuture::join);
                scene.letters.replay(entry -> true); // what neither of them has brought to its end

                assertThat(scene.page("missing")).isEqualTo(json("{_id: 'missing', n: 2, l: [1]}"));
            }
        }
    }

    private static void replayOrGiveWay(Scene scene) {
        try {
            scene.letters.replay(entry -> true);
        } catch (TransientSinkException e) {
            // the server let the other one go first
        }
    }

    /** One program has taken a letter and sleeps; another has settled it, and a third makes the letter's journal again. */
    @ParameterizedTest
    @MethodSource("io.forebay.mongodb.FailingServer#all")
    void a_program_that_wakes_up_after_its_letter_was_settled_changes_nothing(Supplier<FailingServer> servers) {
        try (Scene scene = new Scene(servers)) {
            scene.pages().insertOne(json("{_id: 'missing', n: 1}"));
            String id = new DeadLetters(scene.database).names().get(0).id();
            UUID journal = MongoDeadLetters.journal(id);
            Watermarks watermarks = new Watermarks(scene.database);
            watermarks.createAnew(journal);
            long epoch = scene.sink.own(journal, 0).epoch();
            scene.letters.replay(entry -> true);
            watermarks.createAnew(journal);
            scene.sink.own(journal, 0);

            PendingRow row = row("missing", update("{$inc: {n: 1}}"));
            Batch late = new Batch(journal, 0, epoch, 0, 1, UUID.randomUUID(), List.of(row), List.of(), Map.of());
            assertThatThrownBy(() -> scene.sink.apply(late)).isInstanceOf(SinkException.class);

            assertThat(scene.page("missing")).isEqualTo(json("{_id: 'missing', n: 2, l: [1]}"));
        }
    }
}
