package io.forebay.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.IndexOptions;
import com.mongodb.client.model.Indexes;
import io.forebay.MissingRow;
import io.forebay.mongodb.document.BsonAlgebra;
import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Bytes;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.FencedException;
import io.forebay.spi.MismatchException;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.Refused;
import io.forebay.spi.RowKey;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the sink does on every server, in a transaction or without one. Each test gets empty collections. */
abstract class MongoSinkContract {
    static final String PAGES = "pages";

    MongoSink sink;
    UUID journal;
    long epoch;
    long position;
    MissingRow missingRow;

    /** Connections to the server under test; the same for all tests of the class. */
    abstract MongoClient client();

    /** How the sink is to flush there. */
    abstract Transactions transactions();

    @BeforeEach
    void freshDatabase() {
        database().drop();
        for (String name : List.of(PAGES, "others", "forebay_watermark", "forebay_dead_letter", "forebay_database"))
            database().createCollection(name);
        sink = sink(Duration.ofSeconds(20));
        journal = UUID.randomUUID();
        sink.attach(journal, 4, null);
        epoch = sink.own(journal, 0).epoch();
        position = 0;
        missingRow = MissingRow.DEAD_LETTER;
    }

    MongoSink sink(Duration timeout) {
        return MongoSink.builder(client(), "forebay_contract")
                .transactions(transactions())
                .timeout(timeout)
                .build();
    }

    // ---- attaching and owning

    @Test
    void a_journal_that_was_never_attached_starts_at_zero_in_every_partition() {
        for (int partition = 1; partition < 4; partition++)
            assertThat(sink.own(journal, partition)).isEqualTo(new Watermark(1, 0, null));
    }

    @Test
    void attaching_again_gives_the_same_database_id_and_sets_nothing_back() {
        UUID id = sink.attach(journal, 4, null);
        apply(row("a", upsert("{$inc: {n: 1}}")));

        assertThat(sink.attach(journal, 4, id)).isEqualTo(id);
        assertThat(sink.attach(UUID.randomUUID(), 1, null)).isEqualTo(id);
        assertThat(sink.own(journal, 0).sequence()).isEqualTo(position);
    }

    @Test
    void an_attachment_that_was_interrupted_is_completed() {
        UUID other = UUID.randomUUID();
        sink.attach(other, 4, null);
        database().getCollection("forebay_watermark").deleteOne(Filters.eq("_id", other + "/2"));

        sink.attach(other, 4, null);

        assertThat(sink.own(other, 2)).isEqualTo(new Watermark(1, 0, null));
    }

    @Test
    void another_database_than_the_journals_is_refused_with_both_ids() {
        UUID id = sink.attach(journal, 4, null);
        UUID other = UUID.randomUUID();

        assertThatThrownBy(() -> sink.attach(journal, 4, other))
                .isInstanceOf(MismatchException.class)
                .hasMessageContaining(id.toString())
                .hasMessageContaining(other.toString());
    }

    @Test
    void a_database_that_does_not_know_its_journal_is_refused() {
        UUID id = sink.attach(journal, 4, null);
        UUID unknown = UUID.randomUUID();

        assertThatThrownBy(() -> sink.attach(unknown, 4, id)).isInstanceOf(MismatchException.class);
        assertThatThrownBy(() -> sink.own(unknown, 0)).isInstanceOf(MismatchException.class);
    }

    @Test
    void another_number_of_partitions_is_refused() {
        assertThatThrownBy(() -> sink.attach(journal, 5, null)).isInstanceOf(MismatchException.class);
        assertThatThrownBy(() -> sink.attach(journal, 3, null)).isInstanceOf(MismatchException.class);
    }

    @Test
    void each_owner_has_a_newer_epoch() {
        assertThat(sink.own(journal, 0).epoch()).isEqualTo(epoch + 1);
        assertThat(sink.own(journal, 0).epoch()).isEqualTo(epoch + 2);
    }

    // ---- what the stages do

    @Test
    void an_update_changes_a_document_that_exists() {
        pages().insertOne(json("{_id: 'a', n: 10, note: 'old'}"));

        apply(row("a", update("{$inc: {n: 5}, $set: {note: 'new'}, $push: {tags: 1}}")));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 15, note: 'new', tags: [1]}"));
    }

    @Test
    void an_update_of_a_missing_document_is_a_dead_letter() {
        Stage update = update("{$inc: {n: 5}}");

        BatchResult result = apply(row("a", update));

        assertThat(result.deadLetters()).singleElement().satisfies(letter -> {
            assertThat(letter.state()).isEqualTo("02000");
            assertThat(letter.key()).isEqualTo(key("a"));
            assertThat(letter.stage()).isEqualTo(update);
        });
        assertThat(exists("a")).isFalse();
    }

    @Test
    void an_update_of_a_missing_document_is_counted_where_it_is_to_be_ignored() {
        missingRow = MissingRow.IGNORE;
        pages().insertOne(json("{_id: 'c'}"));

        BatchResult result = apply(
                row("a", update("{$inc: {n: 5}}")), row("b", replace("{n: 1}")), row("c", update("{$inc: {n: 1}}")));

        assertThat(result.ignored()).isEqualTo(2);
        assertThat(result.deadLetters()).isEmpty();
        assertThat(stored("c")).isEqualTo(json("{_id: 'c', n: 1}"));
        assertThat(exists("a")).isFalse();
    }

    @Test
    void an_upsert_makes_a_missing_document_and_changes_one_that_exists() {
        apply(row("a", upsert("{$inc: {n: 5}, $setOnInsert: {made: true}}")));
        apply(row("a", upsert("{$inc: {n: 5}, $setOnInsert: {made: false}}")));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 10, made: true}"));
    }

    @Test
    void an_upsert_that_does_nothing_makes_sure_that_the_document_is_there() {
        ColumnChange nothing = new ColumnChange.Operations(new BsonAlgebra().set(Map.of()));
        Stage upsert = new Stage(Stage.Kind.UPSERT, Map.of(TableInfo.DOCUMENT, nothing));

        apply(row("a", upsert));
        apply(row("a", upsert));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a'}"));
    }

    @Test
    void an_insert_of_a_document_that_exists_is_refused_and_its_next_stages_go_on() {
        pages().insertOne(json("{_id: 'a', n: 7}"));

        BatchResult result = apply(row("a", insert("{n: 100}"), upsert("{$inc: {n: 1}}")), row("b", insert("{n: 1}")));

        assertThat(result.deadLetters()).singleElement().satisfies(letter -> {
            assertThat(letter.state()).isEqualTo("23505");
            assertThat(letter.stage()).isEqualTo(insert("{n: 100}"));
            assertThat(letter.message()).isNotBlank();
        });
        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 8}"));
        assertThat(stored("b")).isEqualTo(json("{_id: 'b', n: 1}"));
    }

    @Test
    void a_delete_removes_a_document_and_does_not_mind_a_missing_one() {
        pages().insertOne(json("{_id: 'a', n: 7}"));

        BatchResult result = apply(row("a", delete()), row("b", delete()));

        assertThat(result.deadLetters()).isEmpty();
        assertThat(exists("a")).isFalse();
    }

    @Test
    void a_replacement_leaves_nothing_of_the_old_document() {
        pages().insertOne(json("{_id: 'a', n: 7}"));
        pages().insertOne(json("{_id: 'b', n: 7}"));

        BatchResult result = apply(
                row("a", replace("{x: 1}")),
                row("b", stage(Stage.Kind.REPLACE, "{x: 2}")),
                row("c", stage(Stage.Kind.UPSERT, "{x: 3}")),
                row("d", replace("{x: 4}")));

        assertThat(result.deadLetters()).extracting(DeadLetter::key).containsExactly(key("d"));
        assertThat(stored("a")).isEqualTo(json("{_id: 'a', x: 1}"));
        assertThat(stored("b")).isEqualTo(json("{_id: 'b', x: 2}"));
        assertThat(stored("c")).isEqualTo(json("{_id: 'c', x: 3}"));
    }

    /** Rule G2: the first of two steps must not filter out the second. */
    @Test
    void updates_that_cannot_be_merged_are_done_one_after_the_other() {
        pages().insertOne(json("{_id: 'a', tags: [1]}"));
        Stage both = update("{$push: {tags: 2}}", "{$pull: {tags: 1}}", "{$push: {tags: 3}}");

        apply(row("a", both), row("b", upsert("{$push: {tags: 2}}", "{$pull: {tags: 2}}")));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', tags: [2, 3]}"));
        assertThat(stored("b")).isEqualTo(json("{_id: 'b', tags: []}"));
    }

    @Test
    void stages_are_carried_out_in_order() {
        pages().insertOne(json("{_id: 'a', n: 1, old: 1}"));

        BatchResult result =
                apply(row("a", delete(), update("{$set: {lost: 1}}"), upsert("{$inc: {n: 2}}")), row("b", delete()));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 2}"));
        assertThat(result.deadLetters()).extracting(DeadLetter::stage).containsExactly(update("{$set: {lost: 1}}"));
    }

    /** Of keys that are equal to the server, the sink finds the document under either; a new one is spelled as it was given. */
    @Test
    void keys_of_every_kind_find_their_documents() {
        List<String> ids = List.of(
                "1",
                "{$numberLong: '4294967296'}",
                "1.5",
                "'text'",
                "{$oid: '64b7abdecf1b2a3c4d5e6f70'}",
                "{a: 1, b: {c: 'x', d: 2}}",
                "{b: {d: 2, c: 'x'}, a: 1}",
                "{$date: '2026-11-21T12:00:00Z'}",
                "true");
        for (String id : ids) {
            BsonValue value = json("{_id: " + id + "}").get("_id");
            apply(row(value, upsert("{$inc: {n: 1}}")));
            apply(row(value, update("{$inc: {n: 1}}")));

            assertThat(stored(value)).as(id).isEqualTo(new BsonDocument("_id", value).append("n", new BsonInt32(2)));
        }
    }

    @Test
    void collections_of_one_batch_do_not_disturb_each_other() {
        apply(row("a", upsert("{$inc: {n: 1}}")), row("others", new BsonString("a"), upsert("{$inc: {n: 10}}")));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 1}"));
        assertThat(bare("others").find().first()).containsEntry("n", new BsonInt32(10));
    }

    // ---- what is refused

    @Test
    void an_update_the_server_refuses_is_a_dead_letter_and_all_others_are_done() {
        pages().insertOne(json("{_id: 'b', n: 'text'}"));

        BatchResult result = apply(
                row("a", upsert("{$inc: {n: 1}}")),
                row("b", update("{$inc: {n: 1}}"), update("{$set: {x: 1}}")),
                row("c", upsert("{$inc: {n: 1}}")));

        assertThat(result.deadLetters()).singleElement().satisfies(letter -> {
            assertThat(letter.key()).isEqualTo(key("b"));
            assertThat(letter.stage()).isEqualTo(update("{$inc: {n: 1}}"));
            assertThat(letter.state()).isEqualTo("14");
        });
        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 1}"));
        assertThat(stored("b")).isEqualTo(json("{_id: 'b', n: 'text', x: 1}"));
        assertThat(stored("c")).isEqualTo(json("{_id: 'c', n: 1}"));
    }

    @Test
    void of_several_steps_only_the_one_that_is_refused_is_a_dead_letter() {
        pages().insertOne(json("{_id: 'a', l: [1]}"));

        BatchResult result = apply(row("a", update("{$push: {l: 2}}", "{$push: {'l.0': 1}}", "{$pull: {l: 1}}")));

        assertThat(result.deadLetters()).extracting(DeadLetter::stage).containsExactly(update("{$push: {'l.0': 1}}"));
        assertThat(stored("a")).isEqualTo(json("{_id: 'a', l: [2]}"));
    }

    /** Rule D6. */
    @Test
    void a_delete_frees_a_unique_value_for_an_insert_of_the_same_batch() {
        uniqueCode();
        pages().insertOne(json("{_id: 'b', code: 'x'}"));

        BatchResult result = apply(row("a", insert("{code: 'x'}"), update("{$inc: {n: 3}}")), row("b", delete()));

        assertThat(result.deadLetters()).isEmpty();
        assertThat(stored("a")).isEqualTo(json("{_id: 'a', code: 'x', n: 3}"));
        assertThat(exists("b")).isFalse();
    }

    @Test
    void a_chain_of_unique_values_is_moved_along() {
        uniqueCode();
        for (int i = 0; i < 4; i++) pages().insertOne(json("{_id: 'k" + i + "', code: " + i + "}"));

        BatchResult result = apply(
                row("k0", update("{$set: {code: 1}}")),
                row("k1", update("{$set: {code: 2}}")),
                row("k2", update("{$set: {code: 3}}")),
                row("k3", update("{$set: {code: 4}}")));

        assertThat(result.deadLetters()).isEmpty();
        for (int i = 0; i < 4; i++)
            assertThat(stored("k" + i)).isEqualTo(json("{_id: 'k" + i + "', code: " + (i + 1) + "}"));
    }

    @Test
    void unique_values_that_stay_taken_are_dead_letters() {
        uniqueCode();
        pages().insertOne(json("{_id: 'b', code: 'x'}"));

        BatchResult result = apply(
                row("a", insert("{code: 'x'}"), upsert("{$inc: {n: 3}}")),
                row("c", insert("{code: 'x'}")),
                row("d", insert("{code: 'y'}")));

        assertThat(result.deadLetters()).extracting(DeadLetter::key).containsExactlyInAnyOrder(key("a"), key("c"));
        assertThat(result.deadLetters()).extracting(DeadLetter::state).containsOnly("23505");
        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 3}"));
        assertThat(exists("d")).isTrue();
    }

    @Test
    void a_large_batch_of_poison_is_a_schema_fault_and_does_not_move_the_watermark() {
        List<PendingRow> rows = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            pages().insertOne(json("{_id: 'k" + i + "', n: 'text'}"));
            rows.add(row("k" + i, update("{$inc: {n: 1}}")));
        }

        assertThatThrownBy(() -> apply(rows.toArray(PendingRow[]::new)))
                .isInstanceOf(SchemaFaultException.class)
                .hasMessageContaining("of 30")
                .hasMessageContaining("14");

        assertThat(sink.watermarks(journal).get(0).sequence()).isZero();
    }

    @Test
    void a_write_larger_than_a_document_can_be_is_a_dead_letter() {
        BsonBinary half = new BsonBinary(new byte[9 << 20]);
        BsonDocument large = new BsonDocument("a", half).append("b", half);
        Stage insert = new Stage(
                Stage.Kind.INSERT, Map.of(TableInfo.DOCUMENT, new ColumnChange.Set(BsonAlgebra.document(large))));

        BatchResult result = apply(row("a", insert, upsert("{$inc: {n: 1}}")), row("b", insert("{n: 1}")));

        assertThat(result.deadLetters()).extracting(DeadLetter::state).containsExactly("10334");
        assertThat(sink.refused(journal, 0, 0)).extracting(Refused::letter).isEqualTo(result.deadLetters());
        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 1}"));
        assertThat(exists("b")).isTrue();
    }

    // ---- exactly once

    @Test
    void a_batch_that_is_handed_over_again_is_found_applied_with_its_dead_letters() {
        pages().insertOne(json("{_id: 'b', n: 'text'}"));
        Batch batch = batch(row("a", upsert("{$inc: {n: 1}}")), row("b", update("{$inc: {n: 1}}")));
        BatchResult first = sink.apply(batch);

        BatchResult second = sink.apply(batch);

        assertThat(first.alreadyApplied()).isFalse();
        assertThat(second.alreadyApplied()).isTrue();
        assertThat(second.deadLetters()).isEqualTo(first.deadLetters()).hasSize(1);
        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 1}"));
        assertThat(sink.refused(journal, 0, 0))
                .containsExactly(new Refused(0, 10, first.deadLetters().get(0)));
        assertThat(sink.refused(journal, 0, 10)).isEmpty();
    }

    /** Rule G4. */
    @Test
    void a_dead_letters_id_is_journal_partition_batch_and_row() {
        Batch batch = batch(row("a", upsert("{$inc: {n: 1}}")), row("b", update("{$inc: {n: 1}}")));

        sink.apply(batch);

        assertThat(bare("forebay_dead_letter").find().first())
                .containsEntry("_id", new BsonString(journal + "/0/" + batch.id() + "/1"))
                .containsEntry("collection", new BsonString(PAGES))
                .containsEntry("key", new BsonString("b"));
    }

    @Test
    void an_old_owner_is_fenced_and_changes_nothing() {
        Batch old = batch(row("a", upsert("{$inc: {n: 1}}")));
        sink.own(journal, 0);

        assertThatThrownBy(() -> sink.apply(old)).isInstanceOf(FencedException.class);

        assertThat(exists("a")).isFalse();
    }

    @Test
    void another_batch_from_the_same_place_is_a_mismatch() {
        sink.apply(batch(row("a", upsert("{$inc: {n: 1}}"))));
        position = 0;
        Batch other = batch(row("a", upsert("{$inc: {n: 1}}")));

        assertThatThrownBy(() -> sink.apply(other)).isInstanceOf(MismatchException.class);

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 1}"));
    }

    @Test
    void watermarks_tell_how_far_every_partition_is() {
        apply(row("a", upsert("{$inc: {n: 1}}")));

        assertThat(sink.watermarks(journal)).extracting(Watermark::sequence).containsExactly(10L, 0L, 0L, 0L);
    }

    @Test
    void rows_without_a_key_are_refused_and_not_dropped() {
        Batch batch = batch(row("a", upsert("{$inc: {n: 1}}")));
        PendingAppend append = new PendingAppend(PAGES, Map.of());

        assertThatThrownBy(() -> sink.apply(
                        new Batch(journal, 0, epoch, 0, 10, batch.id(), batch.rows(), List.of(append), batch.tables())))
                .isInstanceOf(SchemaFaultException.class)
                .hasMessageContaining(PAGES);

        assertThat(exists("a")).isFalse();
    }

    // ---- reading

    @Test
    void a_document_is_read_with_its_watermark_and_without_what_is_forebays() {
        apply(row("a", upsert("{$inc: {n: 1}, $set: {x: 'y'}}")));

        BaseRow read = read("a");

        assertThat(read.watermark()).isEqualTo(10);
        assertThat(content(read)).isEqualTo(json("{n: 1, x: 'y'}"));
    }

    @Test
    void a_missing_document_is_an_answer() {
        apply(row("a", upsert("{$inc: {n: 1}}")));

        assertThat(read("b")).isEqualTo(new BaseRow(10, Optional.empty()));
    }

    @Test
    void a_read_of_an_unknown_journal_is_a_mismatch() {
        assertThatThrownBy(() -> sink.read(UUID.randomUUID(), 0, sink.describe(PAGES), key("a")))
                .isInstanceOf(MismatchException.class);
    }

    // ---- describing

    @Test
    void a_collection_is_described_as_one_whether_it_exists_or_not() {
        assertThat(sink.describe(PAGES)).isEqualTo(TableInfo.collection(PAGES, "bson"));
        assertThat(sink.describe("not.there.yet")).isEqualTo(TableInfo.collection("not.there.yet", "bson"));
    }

    @Test
    void what_cannot_be_a_collection_is_refused_by_its_name() {
        for (String name : List.of("", "a$b", "system.users", "forebay_watermark", "x".repeat(300)))
            assertThatThrownBy(() -> sink.describe(name))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(name);
    }

    @Test
    void a_server_that_cannot_be_reached_is_a_transient_error() {
        try (MongoClient nobody = MongoClients.create("mongodb://127.0.0.1:1/")) {
            MongoSink unreachable = MongoSink.builder(nobody, "forebay_contract")
                    .timeout(Duration.ofMillis(300))
                    .build();

            assertThatThrownBy(() -> unreachable.attach(journal, 4, null)).isInstanceOf(TransientSinkException.class);
            assertThat(unreachable.description()).isEqualTo("mongodb://127.0.0.1:1/forebay_contract");
        }
    }

    // ---- for subclasses

    MongoDatabase database() {
        return client().getDatabase("forebay_contract");
    }

    MongoCollection<BsonDocument> bare(String name) {
        return database().getCollection(name, BsonDocument.class);
    }

    MongoCollection<BsonDocument> pages() {
        return bare(PAGES);
    }

    private void uniqueCode() {
        pages().createIndex(
                        Indexes.ascending("code"),
                        new IndexOptions().unique(true).sparse(true));
    }

    static BsonDocument json(String json) {
        return BsonDocument.parse(json);
    }

    /** The document as it is in the collection, without the fence. */
    BsonDocument stored(Object id) {
        BsonDocument found = pages().find(new BsonDocument("_id", value(id))).first();
        if (found == null) throw new AssertionError("there is no document " + id);
        found.remove(MongoSink.FENCE_FIELD);
        return found;
    }

    boolean exists(Object id) {
        return pages().find(new BsonDocument("_id", value(id))).first() != null;
    }

    private static BsonValue value(Object id) {
        return id instanceof BsonValue value ? value : new BsonString((String) id);
    }

    static RowKey key(Object id) {
        return RowKey.of(PAGES, List.of(BsonAlgebra.key(value(id))));
    }

    static PendingRow row(Object id, Stage... stages) {
        return new PendingRow(key(id), List.of(stages));
    }

    static PendingRow row(String collection, BsonValue id, Stage... stages) {
        return new PendingRow(RowKey.of(collection, List.of(BsonAlgebra.key(id))), List.of(stages));
    }

    static Map<String, ColumnChange> operations(BsonDocument... updates) {
        BsonAlgebra algebra = new BsonAlgebra();
        Bytes all = null;
        for (BsonDocument update : updates) {
            Bytes one = BsonAlgebra.operations(new BsonString("any"), update, true, Instant.EPOCH)
                    .orElseThrow();
            all = all == null ? one : algebra.merge(all, one);
        }
        return Map.of(TableInfo.DOCUMENT, new ColumnChange.Operations(all));
    }

    private static BsonDocument[] updates(String... json) {
        BsonDocument[] updates = new BsonDocument[json.length];
        for (int i = 0; i < json.length; i++) updates[i] = json(json[i]);
        return updates;
    }

    static Stage update(String... json) {
        return new Stage(Stage.Kind.UPDATE, operations(updates(json)));
    }

    static Stage upsert(String... json) {
        return new Stage(Stage.Kind.UPSERT, operations(updates(json)));
    }

    static Stage stage(Stage.Kind kind, String document) {
        return new Stage(kind, Map.of(TableInfo.DOCUMENT, new ColumnChange.Set(BsonAlgebra.document(json(document)))));
    }

    static Stage insert(String document) {
        return stage(Stage.Kind.INSERT, document);
    }

    static Stage replace(String document) {
        return stage(Stage.Kind.UPDATE, document);
    }

    static Stage delete() {
        return new Stage(Stage.Kind.DELETE, Map.of());
    }

    /** Applies the rows as the next batch of partition 0. */
    BatchResult apply(PendingRow... rows) {
        return sink.apply(batch(rows));
    }

    /** The next batch of partition 0, which counts as applied from here on. */
    Batch batch(PendingRow... rows) {
        long from = position;
        position += 10;
        List<PendingRow> sorted = new ArrayList<>(List.of(rows));
        sorted.sort(Comparator.comparing(PendingRow::key));
        Map<String, TableDefinition> tables = new HashMap<>();
        for (PendingRow row : rows)
            tables.computeIfAbsent(
                    row.key().table(),
                    name -> new TableDefinition(TableInfo.collection(name, "bson"), missingRow, null, null, false));
        return new Batch(journal, 0, epoch, from, position, UUID.randomUUID(), sorted, List.of(), tables);
    }

    BaseRow read(Object id) {
        return sink.read(journal, 0, sink.describe(PAGES), key(id));
    }

    static BsonDocument content(BaseRow row) {
        Bytes document = (Bytes) row.columns().orElseThrow().get(TableInfo.DOCUMENT);
        return BsonAlgebra.withoutId(document);
    }
}
