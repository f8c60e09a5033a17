package io.forebay.mongodb.client;

import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Updates.combine;
import static com.mongodb.client.model.Updates.inc;
import static com.mongodb.client.model.Updates.push;
import static com.mongodb.client.model.Updates.set;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.mongodb.ErrorCategory;
import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoNamespace;
import com.mongodb.MongoTimeoutException;
import com.mongodb.MongoWriteException;
import com.mongodb.WriteConcern;
import com.mongodb.bulk.BulkWriteResult;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Aggregates;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.InsertOneModel;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.result.InsertManyResult;
import com.mongodb.client.result.InsertOneResult;
import com.mongodb.client.result.UpdateResult;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.mongodb.MongoSink;
import io.forebay.mongodb.document.TestMongo;
import io.forebay.testkit.MemoryDriver;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.Document;
import org.bson.codecs.configuration.CodecRegistries;
import org.bson.codecs.pojo.PojoCodecProvider;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the wrapped client does with each kind of operation. Flushes only when it has to: the interval is an hour. */
class BufferedMongoTest {
    private static final String DATABASE = "forebay_client";

    static TestMongo server;

    @TempDir
    private Path journal;

    private MongoClient bareClient;
    private BufferedMongoClient client;

    @BeforeAll
    static void startServer() {
        server = new TestMongo();
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void start() {
        bareClient = server.connect();
        bareClient.getDatabase(DATABASE).drop();
        wrap(options -> options);
    }

    @AfterEach
    void stop() {
        client.close();
        bareClient.close();
    }

    private void wrap(UnaryOperator<BufferedMongoOptions.Builder> options) {
        if (client != null) client.close();
        client = BufferedMongo.wrap(
                server.connect(),
                options.apply(BufferedMongoOptions.builder()
                                .collections(DATABASE, "pages", "people")
                                .journal(journal)
                                .flushInterval(Duration.ofHours(1)))
                        .build());
    }

    private MongoCollection<Document> pages() {
        return client.getDatabase(DATABASE).getCollection("pages");
    }

    private MongoCollection<Document> bare() {
        return bareClient.getDatabase(DATABASE).getCollection("pages");
    }

    private Document bare(Object id) {
        Document found = bare().find(eq("_id", id)).first();
        if (found != null) found.remove(MongoSink.FENCE_FIELD);
        return found;
    }

    // --- what is buffered

    @Test
    void increments_wait_in_the_buffer_and_are_read_there() {
        for (int i = 0; i < 1000; i++)
            pages().updateOne(eq("_id", "/home"), inc("views", 1), new UpdateOptions().upsert(true));

        assertThat(bare("/home")).isNull();
        assertThat(pages().find(eq("_id", "/home")).first())
                .isEqualTo(new Document("_id", "/home").append("views", 1000));

        client.flushAndWait();

        assertThat(bare("/home")).isEqualTo(new Document("_id", "/home").append("views", 1000));
        assertThat(client.stats().bufferedOperations()).isEqualTo(1000);
    }

    @Test
    void an_insert_tells_the_id_that_the_driver_made() {
        Document page = new Document("title", "home");

        InsertOneResult result = pages().insertOne(page);

        assertThat(result.wasAcknowledged()).isTrue();
        ObjectId id = page.getObjectId("_id");
        assertThat(result.getInsertedId().asObjectId().getValue()).isEqualTo(id);
        assertThat(bare(id)).isNull();
        assertThat(pages().find(eq(id)).first()).isEqualTo(page);
        client.flushAndWait();
        assertThat(bare(id)).isEqualTo(page);
    }

    @Test
    void several_inserts_tell_their_ids() {
        InsertManyResult result = pages().insertMany(List.of(new Document("n", 1), new Document("n", 2)));

        assertThat(result.getInsertedIds()).hasSize(2);
        assertThat(bare().countDocuments()).isZero();
        assertThat(pages().countDocuments()).isEqualTo(2);
    }

    @Test
    void updates_replacements_and_deletes_are_not_acknowledged() {
        UpdateResult updated = pages().updateOne(eq("_id", 1), set("a", 1), new UpdateOptions().upsert(true));
        UpdateResult replaced = pages().replaceOne(eq("_id", 1), new Document("a", 2));
        assertThat(pages().find(eq("_id", 1)).first()).isEqualTo(new Document("_id", 1).append("a", 2));
        boolean deleted = pages().deleteOne(eq("_id", 1)).wasAcknowledged();

        assertThat(List.of(updated.wasAcknowledged(), replaced.wasAcknowledged(), deleted))
                .containsOnly(false);
        assertThat(pages().find(eq("_id", 1)).first()).isNull();
        assertThat(client.stats().bufferedOperations()).isEqualTo(3);
    }

    @Test
    void a_deleted_document_is_not_read_from_the_server() {
        bare().insertOne(new Document("_id", 1).append("a", 1));

        pages().deleteOne(eq("_id", 1));

        assertThat(pages().find(eq("_id", 1)).first()).isNull();
        assertThat(pages().find(eq("_id", 1)).into(new ArrayList<>())).isEmpty();
        assertThat(bare(1)).isNotNull();
    }

    @Test
    void an_update_of_a_missing_document_makes_none_and_is_no_dead_letter() {
        pages().updateOne(eq("_id", 1), inc("a", 1));
        pages().replaceOne(eq("_id", 1), new Document("a", 1));
        client.flushAndWait();

        assertThat(bare(1)).isNull();
        assertThat(client.stats().deadLetters()).isZero();
    }

    @Test
    void a_bulk_of_writes_by_id_is_buffered_as_a_whole() {
        BulkWriteResult result = pages().bulkWrite(List.of(
                new UpdateOneModel<>(eq("_id", 1), inc("a", 1), new UpdateOptions().upsert(true)),
                new UpdateOneModel<>(eq("_id", 1), push("l", "x")),
                new InsertOneModel<>(new Document("b", 1)),
                new DeleteOneModel<>(eq("_id", 2))));

        assertThat(result.wasAcknowledged()).isFalse();
        assertThat(bare().countDocuments()).isZero();
        assertThat(pages().find(eq("_id", 1)).first())
                .isEqualTo(new Document("_id", 1).append("a", 1).append("l", List.of("x")));
        assertThat(client.stats().bufferedOperations()).isEqualTo(4);
    }

    @Test
    void a_bulk_of_inserts_is_acknowledged() {
        BulkWriteResult result = pages().bulkWrite(List.of(new InsertOneModel<>(new Document("b", 1))));

        assertThat(result.getInsertedCount()).isEqualTo(1);
        assertThat(result.getInserts().get(0).getId().isObjectId()).isTrue();
    }

    @Test
    void a_number_is_one_key_whatever_its_type() {
        pages().updateOne(eq("_id", 7L), set("a", 1), new UpdateOptions().upsert(true));
        pages().updateOne(eq("_id", 7.0), inc("a", 1));

        assertThat(pages().find(eq("_id", 7)).first()).isEqualTo(new Document("_id", 7L).append("a", 2));
        client.flushAndWait();
        assertThat(bare(7)).isEqualTo(new Document("_id", 7L).append("a", 2));
    }

    @Test
    void nested_and_binary_keys_work() {
        Document nested = new Document("shop", 1).append("page", "/home");
        UUID uuid = UUID.randomUUID();

        pages().updateOne(eq("_id", nested), inc("a", 1), new UpdateOptions().upsert(true));
        pages().updateOne(eq("_id", uuid), inc("a", 1), new UpdateOptions().upsert(true));

        assertThat(pages().find(eq("_id", nested)).first()).containsEntry("_id", nested);
        assertThat(pages().find(eq("_id", uuid)).first()).containsEntry("_id", uuid);
        assertThat(client.stats().pendingDocuments()).isEqualTo(2);
    }

    @Test
    void with_write_concern_zero_nothing_is_acknowledged() {
        InsertOneResult result =
                pages().withWriteConcern(WriteConcern.UNACKNOWLEDGED).insertOne(new Document("a", 1));

        assertThat(result.wasAcknowledged()).isFalse();
        assertThat(pages().countDocuments()).isEqualTo(1);
    }

    // --- keys of the caller's own

    @Test
    void an_insert_of_a_callers_own_key_goes_through_and_can_be_a_lock() {
        pages().insertOne(new Document("_id", "lock"));

        assertThat(bare("lock")).isNotNull();
        assertThatThrownBy(() -> pages().insertOne(new Document("_id", "lock")))
                .isInstanceOfSatisfying(
                        MongoWriteException.class,
                        e -> assertThat(e.getError().getCategory()).isEqualTo(ErrorCategory.DUPLICATE_KEY));
    }

    @Test
    void own_keys_are_buffered_when_asked_and_a_pending_duplicate_is_refused_at_once() {
        wrap(BufferedMongoOptions.Builder::bufferOwnIds);
        pages().insertOne(new Document("_id", 1).append("a", 1));

        assertThat(bare(1)).isNull();
        assertThatThrownBy(() -> pages().insertOne(new Document("_id", 1)))
                .isInstanceOfSatisfying(
                        MongoWriteException.class,
                        refused -> assertThat(refused.getError().getCode()).isEqualTo(11_000));
        assertThatThrownBy(() -> pages().insertMany(
                                List.of(new Document("_id", 2), new Document("_id", 1), new Document("_id", 3))))
                .isInstanceOfSatisfying(MongoBulkWriteException.class, refused -> {
                    assertThat(refused.getWriteErrors().get(0).getIndex()).isEqualTo(1);
                    assertThat(refused.getWriteResult().getInsertedCount()).isEqualTo(1);
                });
        assertThat(pages().find(eq("_id", 3)).first()).isNull();
        assertThatThrownBy(() -> pages().insertMany(
                                List.of(new Document("_id", 1), new Document("_id", 3)),
                                new InsertManyOptions().ordered(false)))
                .isInstanceOf(MongoBulkWriteException.class);
        assertThat(pages().find(eq("_id", 3)).first()).isNotNull();
    }

    // --- what goes through

    @Test
    void what_goes_through_is_behind_what_is_pending() {
        pages().updateOne(eq("_id", 1), set("a", 1), new UpdateOptions().upsert(true));

        assertThat(pages().updateMany(eq("a", 1), inc("a", 1)).getModifiedCount())
                .isEqualTo(1);
        assertThat(bare(1)).isEqualTo(new Document("_id", 1).append("a", 2));
        assertThat(client.stats().forcedFlushes()).isEqualTo(1);
    }

    @Test
    void a_find_and_update_sees_what_is_pending() {
        pages().updateOne(eq("_id", 1), inc("a", 1), new UpdateOptions().upsert(true));

        Document found = pages().findOneAndUpdate(
                        eq("_id", 1), inc("a", 1), new FindOneAndUpdateOptions().returnDocument(ReturnDocument.AFTER));

        assertThat(found).isEqualTo(new Document("_id", 1).append("a", 2));
    }

    @Test
    void an_update_that_is_not_known_exactly_goes_through() {
        BsonDocument pull = BsonDocument.parse("{$pull: {l: {$ne: 3}}}");
        pages().updateOne(eq("_id", 1), set("l", List.of(3, 1)), new UpdateOptions().upsert(true));
        bare().insertOne(new Document("_id", 2).append("l", List.of(3, 1)));

        UpdateResult result = pages().updateOne(eq("_id", 1), pull);

        assertThat(result.wasAcknowledged()).isTrue();
        bare().updateOne(eq("_id", 2), pull);
        assertThat(bare(1).get("l")).isEqualTo(bare(2).get("l"));
    }

    @Test
    void a_filter_beyond_the_key_goes_through() {
        pages().insertOne(new Document("a", 1));

        UpdateResult result = pages().updateOne(eq("a", 1), set("b", 1));
        Object id = pages().find().first().get("_id");
        pages().updateOne(eq("_id", id), set("a", 2));

        assertThat(result.getMatchedCount()).isEqualTo(1);
        assertThat(pages().find(new Document("_id", id).append("a", 1)).first()).isNull();
        assertThat(pages().updateOne(new Document("_id", id).append("a", 1), set("b", 2))
                        .getMatchedCount())
                .isZero();
    }

    @Test
    void results_are_exact_when_asked_for() {
        wrap(BufferedMongoOptions.Builder::exactResults);
        pages().insertOne(new Document("a", 1));
        Object id = pages().find().first().get("_id");

        assertThat(pages().updateOne(eq("_id", id), set("a", 2)).getModifiedCount())
                .isEqualTo(1);
        assertThat(pages().replaceOne(eq("_id", 9), new Document(), new ReplaceOptions())
                        .getMatchedCount())
                .isZero();
    }

    @Test
    void collections_that_are_not_named_pass_straight_through() {
        MongoCollection<Document> other = client.getDatabase(DATABASE).getCollection("other");
        pages().insertOne(new Document("a", 1));

        other.insertOne(new Document("b", 1));
        other.updateOne(eq("b", 1), set("b", 2));

        assertThat(bareClient.getDatabase(DATABASE).getCollection("other").countDocuments(eq("b", 2)))
                .isEqualTo(1);
        assertThat(bare().countDocuments()).as("still pending").isZero();
        assertThat(client.stats().passedThrough()).isZero();
    }

    @Test
    void what_cannot_be_buffered_is_refused_if_it_was_named_and_passes_through_if_not() {
        FailingSink sink = new FailingSink(MongoSink.of(bareClient, DATABASE));
        sink.cannotDescribe("pages");
        try (Forebay forebay = Forebay.builder()
                .database(DATABASE, sink)
                .journal(journal.resolve("views"))
                .build()) {
            wrap(options -> BufferedMongoOptions.builder()
                    .collections(DATABASE, "pages")
                    .forebay(forebay));
            assertThatThrownBy(() -> pages().insertOne(new Document("a", 1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("it is a view");

            wrap(options ->
                    BufferedMongoOptions.builder().allCollections(DATABASE).forebay(forebay));
            pages().insertOne(new Document("a", 1));
            assertThat(bare().countDocuments()).isEqualTo(1);
            assertThat(pages().find(eq("_id", 1)).first()).isNull();
            assertThat(client.stats().bufferedOperations()).isZero();
            client.close();
        }
        client = null;
        wrap(options -> options);
    }

    @Test
    void a_buffer_that_two_clients_share_serves_both() {
        MemoryDriver shared = new MemoryDriver();
        UnaryOperator<BufferedMongoOptions.Builder> options = given -> BufferedMongoOptions.builder()
                .collections(DATABASE, "pages")
                .driver(shared)
                .flushInterval(Duration.ofMillis(50));
        wrap(options);
        try (BufferedMongoClient other =
                BufferedMongo.wrap(server.connect(), options.apply(null).build())) {
            MongoCollection<Document> pagesThere = other.getDatabase(DATABASE).getCollection("pages");
            for (int i = 0; i < 50; i++) {
                pages().updateOne(eq("_id", 1), inc("a", 1), new UpdateOptions().upsert(true));
                pagesThere.updateOne(eq("_id", 1), inc("a", 1), new UpdateOptions().upsert(true));
                assertThat(pages().find(eq("_id", 1)).first()).containsEntry("a", 2 * (i + 1));
            }
            pages().deleteMany(eq("a", 100));
            assertThat(pagesThere.find(eq("_id", 1)).first()).isNull();
        }
    }

    @Test
    void dropping_a_collection_drops_what_is_pending_for_it() {
        pages().insertOne(new Document("a", 1));

        pages().drop();

        client.flushAndWait();
        assertThat(bare().countDocuments()).isZero();
    }

    @Test
    void a_health_check_does_not_wait_for_a_flush() {
        pages().insertOne(new Document("a", 1));

        MongoDatabase database = client.getDatabase(DATABASE);
        assertThat(database.runCommand(new Document("ping", 1))).containsEntry("ok", 1.0);

        assertThat(bare().countDocuments()).isZero();
    }

    @Test
    void an_operation_in_a_session_is_behind_what_is_pending() {
        assumeThat(server.hasSessions()).as("mongo-java-server has no sessions").isTrue();
        pages().updateOne(eq("_id", 1), inc("a", 1), new UpdateOptions().upsert(true));

        try (var session = client.startSession()) {
            assertThat(pages().find(session, eq("_id", 1)).first()).containsEntry("a", 1);
            assertThat(pages().updateOne(session, eq("_id", 1), inc("a", 1)).getModifiedCount())
                    .isEqualTo(1);
        }
        assertThat(bare(1)).containsEntry("a", 2);
    }

    // --- reads

    @Test
    void queries_and_aggregations_see_what_is_pending() {
        for (int i = 0; i < 3; i++) pages().insertOne(new Document("n", i));

        assertThat(pages().find(new Document("n", new Document("$gte", 1))).into(new ArrayList<>()))
                .hasSize(2);
        pages().insertOne(new Document("n", 3));
        assertThat(pages().aggregate(List.of(Aggregates.match(eq("n", 3)))).first())
                .containsEntry("n", 3);
        pages().insertOne(new Document("n", 4));
        assertThat(pages().distinct("n", Integer.class).into(new ArrayList<>())).contains(4);
        pages().insertOne(new Document("n", 5));
        assertThat(pages().estimatedDocumentCount()).isEqualTo(6);
    }

    @Test
    void a_query_is_flushed_for_when_it_is_iterated_not_when_it_is_made() {
        Iterable<Document> found = pages().find(eq("n", 1)).batchSize(10);
        pages().insertOne(new Document("n", 1));

        assertThat(found).hasSize(1);
    }

    @Test
    void no_read_shows_the_fence() {
        pages().updateOne(eq("_id", 1), set("a", 1), new UpdateOptions().upsert(true));
        client.flushAndWait();
        Document expected = new Document("_id", 1).append("a", 1);

        assertThat(pages().find().first()).isEqualTo(expected);
        assertThat(pages().find().iterator().next()).isEqualTo(expected);
        assertThat(pages().find().into(new ArrayList<>())).containsExactly(expected);
        assertThat(pages().find().map(Document::toJson).first()).isEqualTo(expected.toJson());
        pages().find().forEach(found -> assertThat(found).isEqualTo(expected));
        assertThat(pages().find(BsonDocument.class).first().keySet()).containsExactly("_id", "a");
        assertThat(pages().aggregate(List.of()).first()).isEqualTo(expected);
        assertThat(pages().findOneAndDelete(eq("a", 1))).isEqualTo(expected);
    }

    @Test
    void a_projection_is_for_the_server() {
        pages().updateOne(eq("_id", 1), combine(set("a", 1), set("b", 2)), new UpdateOptions().upsert(true));

        assertThat(pages().find(eq("_id", 1))
                        .projection(Projections.include("b"))
                        .first())
                .isEqualTo(new Document("_id", 1).append("b", 2));
    }

    @Test
    void eventual_reads_by_key_are_exact_and_others_do_not_wait() {
        wrap(options -> options.reads(ReadPolicy.EVENTUAL));
        pages().updateOne(eq("_id", 1), set("a", 1), new UpdateOptions().upsert(true));

        assertThat(pages().find(eq("_id", 1)).first()).isNotNull();
        assertThat(pages().countDocuments()).isZero();
        assertThat(pages().find().first()).isNull();
        assertThat(pages().updateMany(eq("a", 1), set("b", 1)).getMatchedCount())
                .as("a write waits")
                .isEqualTo(1);
    }

    @Test
    void unbuffered_reads_see_the_server_alone() {
        wrap(options -> options.reads(ReadPolicy.UNBUFFERED));
        pages().updateOne(eq("_id", 1), set("a", 1), new UpdateOptions().upsert(true));

        assertThat(pages().find(eq("_id", 1)).first()).isNull();
        client.flushAndWait();
        assertThat(pages().find(eq("_id", 1)).first()).isEqualTo(new Document("_id", 1).append("a", 1));
    }

    // --- the driver's generics

    /** A class of the caller's own. */
    public static final class Person {
        private ObjectId id;
        private String name;
        private int age;

        public ObjectId getId() {
            return id;
        }

        public void setId(ObjectId id) {
            this.id = id;
        }

        public String getName() {
            return name;
        }

        public void setName(String name) {
            this.name = name;
        }

        public int getAge() {
            return age;
        }

        public void setAge(int age) {
            this.age = age;
        }
    }

    @Test
    void classes_of_the_callers_own_are_written_and_read() {
        MongoCollection<Person> people = client.getDatabase(DATABASE)
                .withCodecRegistry(CodecRegistries.fromRegistries(
                        client.getCodecRegistry(),
                        CodecRegistries.fromProviders(
                                PojoCodecProvider.builder().automatic(true).build())))
                .getCollection("people", Person.class);
        Person person = new Person();
        person.setName("Ada");
        people.insertOne(person);
        assertThat(person.getId()).isNotNull();

        people.updateOne(eq("_id", person.getId()), inc("age", 36));

        assertThat(client.stats().bufferedOperations()).isEqualTo(2);
        assertThat(people.find(eq("_id", person.getId())).first().getAge()).isEqualTo(36);
        assertThat(people.withDocumentClass(Document.class)
                        .find(eq("_id", person.getId()))
                        .first())
                .containsEntry("name", "Ada");
        assertThat(people.find(eq("name", "Ada")).first().getAge()).isEqualTo(36);
        assertThat(people.find(eq("_id", person.getId()), BsonDocument.class)
                        .first()
                        .getInt32("age"))
                .isEqualTo(new BsonInt32(36));
    }

    // --- the buffer itself

    @Test
    void what_is_pending_survives_a_restart() {
        Path own = journal.resolve("own");
        FailingSink away = new FailingSink(MongoSink.of(bareClient, DATABASE));
        Forebay forebay =
                Forebay.builder().database(DATABASE, away).journal(own).build();
        away.refuses(true);
        wrap(options -> BufferedMongoOptions.builder().allCollections(DATABASE).forebay(forebay));
        pages().updateOne(eq("_id", 1), inc("a", 1), new UpdateOptions().upsert(true));
        forebay.close(Duration.ZERO);
        assertThat(bare(1)).isNull();

        try (BufferedMongoClient again = BufferedMongo.wrap(
                server.connect(),
                BufferedMongoOptions.builder()
                        .allCollections(DATABASE)
                        .journal(own)
                        .build())) {
            assertThat(again.getDatabase(DATABASE).getCollection("pages").find().first())
                    .isEqualTo(new Document("_id", 1).append("a", 1));
        }
        client = null;
        wrap(options -> options);
    }

    @Test
    void closing_flushes() {
        pages().updateOne(eq("_id", 1), inc("a", 1), new UpdateOptions().upsert(true));

        client.close();

        assertThat(bare(1)).isEqualTo(new Document("_id", 1).append("a", 1));
        client = null;
        wrap(options -> options);
    }

    @Test
    void a_server_that_takes_nothing_ends_the_wait_for_a_flush() {
        FailingSink failing = new FailingSink(MongoSink.of(bareClient, DATABASE));
        try (Forebay forebay = Forebay.builder()
                .database(DATABASE, failing)
                .journal(journal.resolve("failing"))
                .build()) {
            wrap(options -> BufferedMongoOptions.builder()
                    .collections(DATABASE, "pages")
                    .forebay(forebay)
                    .flushTimeout(Duration.ofMillis(200)));
            failing.refuses(true);
            pages().updateOne(eq("_id", 1), inc("a", 1), new UpdateOptions().upsert(true));

            assertThatThrownBy(() -> pages().countDocuments())
                    .isInstanceOf(MongoTimeoutException.class)
                    .hasMessageContaining("PT0.2S");
            assertThat(pages().find(eq("_id", 1)).first())
                    .as("read from the buffer")
                    .containsEntry("a", 1);

            failing.refuses(false);
            client.flush().join();
            assertThat(pages().countDocuments()).isEqualTo(1);
        }
        client = null;
        wrap(options -> options);
    }

    @Test
    void statistics_count_and_begin_again() {
        pages().updateOne(eq("_id", 1), inc("a", 1), new UpdateOptions().upsert(true));
        pages().find(eq("_id", 1)).first();
        pages().find(eq("_id", 2)).first();
        pages().countDocuments();

        BufferedMongoStats stats = client.stats();
        assertThat(stats.bufferedOperations()).isEqualTo(1);
        assertThat(stats.overlayHits()).isEqualTo(1);
        assertThat(stats.overlayMisses()).isEqualTo(1);
        assertThat(stats.passedThrough()).isEqualTo(1);
        assertThat(stats.forcedFlushes()).isEqualTo(1);
        assertThat(stats.flushes()).isEqualTo(1);
        assertThat(stats.journalRecords()).isEqualTo(1);

        client.resetStats();
        pages().updateOne(eq("_id", 1), inc("a", 1));
        stats = client.stats();
        assertThat(stats.bufferedOperations()).isEqualTo(1);
        assertThat(stats.overlayHits()).isZero();
        assertThat(stats.pendingDocuments()).isEqualTo(1);
    }

    @Test
    void one_collection_may_be_flushed_by_name() {
        pages().insertOne(new Document("a", 1));

        client.flushAndWait(new MongoNamespace(DATABASE, "pages"));

        assertThat(bare().countDocuments()).isEqualTo(1);
        assertThatThrownBy(() -> client.flushAndWait(new MongoNamespace(DATABASE, "other")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("forebay_client.other");
    }

    @Test
    void size_starts_a_flush() {
        wrap(options -> options.maxSize(1).durability(Durability.FLUSHED));

        pages().insertOne(new Document("a", 1));

        assertThat(bare().countDocuments()).isEqualTo(1);
    }

    @Test
    void what_is_wrong_with_the_options_is_said_in_one_message() {
        assertThatThrownBy(() -> BufferedMongoOptions.builder()
                        .maxSize(0)
                        .flushInterval(Duration.ZERO)
                        .flushTimeout(Duration.ofSeconds(-1))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing is buffered")
                .hasMessageContaining("0 are given")
                .hasMessageContaining("maxSize must be at least 1, was 0")
                .hasMessageContaining("flushInterval must be positive, was PT0S")
                .hasMessageContaining("flushTimeout must be positive, was PT-1S");
    }

    @Test
    void the_overlay_expires_by_flushing() {
        FlushPolicy policy = BufferedMongoOptions.builder()
                .allCollections("shop")
                .journal(journal)
                .flushInterval(Duration.ofSeconds(20))
                .overlayExpiry(Duration.ofSeconds(3))
                .build()
                .flush();

        assertThat(policy.interval().plus(policy.jitter())).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void a_shared_buffer_needs_the_databases() {
        assertThatThrownBy(() -> BufferedMongo.wrap(
                        bareClient,
                        BufferedMongoOptions.builder()
                                .allCollections("elsewhere")
                                .forebay(client.forebay())
                                .build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("elsewhere");
    }

    @Test
    void wrapped_objects_are_equal_to_themselves() {
        MongoCollection<Document> pages = pages();

        assertThat(pages).isEqualTo(pages).isNotEqualTo(pages());
        assertThat(Map.of(pages, 1)).containsKey(pages);
        assertThat(pages.toString()).startsWith("buffered ");
    }
}
