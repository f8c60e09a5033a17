package io.forebay.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import com.mongodb.client.model.Updates;
import io.forebay.mongodb.FailingServer.Failure;
import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.FencedException;
import io.forebay.spi.MismatchException;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.bson.BsonDocument;
import org.bson.BsonString;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract by intent and fence, on a server in this process that has no transactions; and the traps of that way. */
class FencedSinkTest extends MongoSinkContract {
    private static MemoryMongo server;
    private static MongoClient client;

    @BeforeAll
    static void start() {
        server = new MemoryMongo(false);
        client = server.client();
    }

    @AfterAll
    static void stop() {
        client.close();
        server.close();
    }

    @Override
    MongoClient client() {
        return client;
    }

    @Override
    Transactions transactions() {
        return Transactions.WHERE_POSSIBLE;
    }

    @Test
    void a_server_without_transactions_is_refused_where_they_are_required() {
        MongoSink strict = MongoSink.builder(client, "forebay_contract")
                .transactions(Transactions.REQUIRED)
                .build();

        assertThatThrownBy(() -> strict.attach(journal, 4, null))
                .isInstanceOf(SchemaFaultException.class)
                .hasMessageContaining("standalone")
                .hasMessageContaining("replica set");
    }

    /** Rule G1: a document that was there before Forebay has no fence, and `$lt` would pass it over. */
    @Test
    void a_document_without_a_fence_is_written() {
        pages().insertOne(json("{_id: 'a', n: 1}"));

        apply(row("a", upsert("{$inc: {n: 1}}")));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 2}"));
    }

    /** Rule G1: the fences of two journals do not hide each other's writes. */
    @Test
    void every_journal_and_partition_has_its_own_fence() {
        apply(row("a", upsert("{$inc: {n: 1}}")));
        apply(row("a", upsert("{$inc: {n: 1}}")));
        journal = UUID.randomUUID();
        sink.attach(journal, 4, null);
        epoch = sink.own(journal, 0).epoch();
        position = 0;

        apply(row("a", upsert("{$inc: {n: 1}}")));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 3}"));
        assertThat(pages().find().first().getDocument(MongoSink.FENCE_FIELD)).hasSize(2);
    }

    /** A row whose table is routed in another way, once nothing is pending, meets the lower sequences of another partition. */
    @Test
    void a_row_that_moves_to_another_partition_is_not_filtered_by_the_fence_of_the_old_one() {
        for (int i = 0; i < 3; i++) apply(row("a", upsert("{$inc: {n: 1}}")));
        Batch first = batch(row("a", upsert("{$inc: {n: 1}}")));
        long taken = sink.own(journal, 1).epoch();

        sink.apply(
                new Batch(journal, 1, taken, 0, 1, UUID.randomUUID(), first.rows(), first.appends(), first.tables()));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 4}"));
    }

    /** Rule G3: the batch of a paused owner is finished by its successor; what the owner still sends changes nothing. */
    @Test
    void an_owner_that_wakes_up_in_the_middle_of_its_batch_changes_nothing_any_more() {
        pages().insertOne(json("{_id: 'a', l: [1]}"));
        Batch batch = batch(
                row("a", update("{$push: {l: 2}}", "{$pull: {l: 1}}")),
                row("b", upsert("{$inc: {n: 1}}"), update("{$inc: {n: 1}}", "{$rename: {n: 'm'}}")));
        AtomicInteger levels = new AtomicInteger();
        Runnable pause = () -> {
            if (levels.incrementAndGet() != 2) return;
            Watermark taken = sink.own(journal, 0);
            assertThat(taken).isEqualTo(new Watermark(epoch + 1, batch.to(), batch.id()));
            epoch++;
            apply(row("a", update("{$push: {l: 3}}")));
        };

        FencedFlush old = new FencedFlush(database(), Server.ask(database()), batch, pause);
        assertThatThrownBy(old::run).isInstanceOf(FencedException.class);

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', l: [2, 3]}"));
        assertThat(stored("b")).isEqualTo(json("{_id: 'b', m: 2}"));
        assertThat(sink.watermarks(journal).get(0).sequence()).isEqualTo(position);
    }

    /** What a later version of Forebay, or another journal's view, would make of the same windows does not matter. */
    @Test
    void the_next_owner_finishes_a_batch_as_it_was_announced() {
        pages().insertOne(json("{_id: 'a', n: 1}"));
        Batch batch = batch(row("a", update("{$inc: {n: 1}}")), row("b", upsert("{$inc: {n: 5}}")));
        new Intents(database()).put(batch);
        assertThat(new Watermarks(database()).intend(batch)).isTrue();

        Watermark taken = sink.own(journal, 0);

        assertThat(taken).isEqualTo(new Watermark(epoch + 1, batch.to(), batch.id()));
        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 2}"));
        assertThat(stored("b")).isEqualTo(json("{_id: 'b', n: 5}"));
        assertThat(bare(Intents.COLLECTION).countDocuments()).isZero();
    }

    @Test
    void a_batch_that_was_kept_but_never_announced_is_forgotten_by_the_next_owner() {
        new Intents(database()).put(batch(row("a", update("{$inc: {n: 1}}"))));

        assertThat(sink.own(journal, 0).sequence()).isZero();

        assertThat(bare(Intents.COLLECTION).countDocuments()).isZero();
    }

    @Test
    void an_announced_batch_that_somebody_deleted_is_a_mismatch() {
        Batch batch = batch(row("a", update("{$inc: {n: 1}}")));
        new Intents(database()).put(batch);
        new Watermarks(database()).intend(batch);
        bare(Intents.COLLECTION).deleteMany(new BsonDocument());

        assertThatThrownBy(() -> sink.own(journal, 0))
                .isInstanceOf(MismatchException.class)
                .hasMessageContaining(batch.id().toString());
    }

    @Test
    void a_batch_larger_than_a_document_is_kept_in_parts() {
        String text = "x".repeat(3 << 20);
        Batch batch = batch(
                row("a", insert("{t: '" + text + "a'}")),
                row("b", insert("{t: '" + text + "b'}")),
                row("c", insert("{t: '" + text + "c'}")));
        Intents intents = new Intents(database());

        intents.put(batch);

        assertThat(bare(Intents.COLLECTION).countDocuments()).isEqualTo(3); // a table, and two parts
        assertThat(intents.get(journal, 0, batch.id(), epoch)).isEqualTo(batch);
    }

    /** What is half written must not be counted on top of itself: the document's fence goes beyond the watermark. */
    @Test
    void a_document_that_a_batch_under_way_has_changed_is_read_with_that_batch() {
        Batch batch = batch(row("a", upsert("{$inc: {n: 1}}")));
        failAtTheEnd(batch);

        BaseRow read = read("a");

        assertThat(sink.watermarks(journal).get(0).sequence()).isZero();
        assertThat(read.watermark()).isEqualTo(batch.to());
        assertThat(content(read)).isEqualTo(json("{n: 1}"));
    }

    @Test
    void a_document_in_the_middle_of_its_writes_is_not_read() {
        pages().insertOne(json("{_id: 'a', l: [1]}"));
        Batch batch = batch(row("a", update("{$push: {l: 2}}", "{$pull: {l: 1}}")));
        AtomicInteger levels = new AtomicInteger();
        Runnable end = () -> {
            if (levels.incrementAndGet() == 2) throw new TransientSinkException("killed", null);
        };
        FencedFlush flush = new FencedFlush(database(), Server.ask(database()), batch, end);
        assertThatThrownBy(flush::run).isInstanceOf(TransientSinkException.class);
        MongoSink impatient = sink(Duration.ofMillis(200));

        assertThatThrownBy(() -> impatient.read(journal, 0, sink.describe(PAGES), key("a")))
                .isInstanceOf(TransientSinkException.class)
                .hasMessageContaining("middle");

        sink.own(journal, 0);
        assertThat(content(read("a"))).isEqualTo(json("{l: [2]}"));
    }

    /** Rule G5: nothing of a document that is gone says how new that is, so the watermark is looked at before and after. */
    @Test
    void a_document_that_is_deleted_between_the_looks_at_the_watermark_is_read_again() {
        apply(row("a", upsert("{$inc: {n: 1}}")));
        AtomicReference<Runnable> beforeSecondFind = new AtomicReference<>(() -> apply(row("a", delete())));
        AtomicInteger finds = new AtomicInteger();
        try (MongoClient slow = server.client(command -> {
            if (command.equals("find") && finds.incrementAndGet() == 2)
                beforeSecondFind.get().run();
        })) {
            BaseRow read = MongoSink.of(slow, "forebay_contract").read(journal, 0, sink.describe(PAGES), key("a"));

            assertThat(read).isEqualTo(new BaseRow(20, Optional.empty()));
            assertThat(finds.get()).isGreaterThan(3);
        }
    }

    /** The same with a document that a batch makes after it was looked for. */
    @Test
    void a_document_that_is_made_between_the_looks_at_the_watermark_is_read_again() {
        AtomicInteger finds = new AtomicInteger();
        try (MongoClient slow = server.client(command -> {
            if (command.equals("find") && finds.incrementAndGet() == 3) apply(row("a", upsert("{$inc: {n: 1}}")));
        })) {
            BaseRow read = MongoSink.of(slow, "forebay_contract").read(journal, 0, sink.describe(PAGES), key("a"));

            assertThat(read.watermark()).isEqualTo(10);
            assertThat(content(read)).isEqualTo(json("{n: 1}"));
        }
    }

    @Test
    void an_abort_ends_a_flush_before_its_next_level() {
        Batch batch = batch(row("a", upsert("{$inc: {n: 1}}"), update("{$rename: {n: 'm'}}")));
        AtomicInteger updates = new AtomicInteger();
        try (MongoClient slow = server.client(command -> {
            if (command.equals("update") && updates.incrementAndGet() == 4)
                sinkUnderTest.get().abort(journal, 0);
        })) {
            MongoSink aborted = MongoSink.of(slow, "forebay_contract");
            sinkUnderTest.set(aborted);

            assertThatThrownBy(() -> aborted.apply(batch)).isInstanceOf(TransientSinkException.class);
        }

        assertThat(sink.apply(batch).alreadyApplied()).isFalse();
        assertThat(stored("a")).isEqualTo(json("{_id: 'a', m: 1}"));
    }

    private final AtomicReference<MongoSink> sinkUnderTest = new AtomicReference<>();

    /** Sequences of a buffer in Redis are microseconds since 1970, and any journal's are longs. */
    @Test
    void a_sequence_of_any_size_and_many_writes_of_one_row_keep_their_order() {
        position = Long.MAX_VALUE - 30;
        database().getCollection("forebay_watermark").updateMany(new BsonDocument(), Updates.set("sequence", position));
        String[] pushAndPull = new String[400];
        for (int i = 0; i < pushAndPull.length; i++)
            pushAndPull[i] = i % 2 == 0 ? "{$push: {l: " + i + "}}" : "{$pull: {l: " + (i - 1) + "}}";

        apply(row("a", upsert(pushAndPull)));
        apply(row("a", upsert("{$push: {l: 7}}")));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', l: [7]}"));
        assertThat(read("a").watermark()).isEqualTo(position);
    }

    @Test
    void a_replacement_that_carries_an_old_fence_gets_the_new_one() {
        apply(row("a", upsert("{$inc: {n: 1}}")));
        String copied = pages().find().first().toJson();

        apply(row("a", replace(copied)));
        apply(row("a", update("{$inc: {n: 1}}")));

        assertThat(pages().find().first().getDocument(MongoSink.FENCE_FIELD))
                .containsEntry(journal + "/0", new BsonString("000000000000001e.7fffffff"));
        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 2}"));
    }

    /** Applies a batch up to the command that would move the watermark. */
    private void failAtTheEnd(Batch batch) {
        AtomicInteger updates = new AtomicInteger();
        try (MongoClient failing = server.client(command -> {
            if (command.equals("update") && updates.incrementAndGet() == 5) server.failAt(1, Failure.REQUEST_LOST);
        })) {
            assertThatThrownBy(() -> MongoSink.of(failing, "forebay_contract").apply(batch))
                    .isInstanceOf(TransientSinkException.class);
        }
    }
}
