package io.forebay.mongodb;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import io.forebay.spi.Batch;
import io.forebay.spi.Watermark;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract in transactions, on a server in this process that keeps their promises; and what is particular to that way. */
class TransactionSinkTest extends MongoSinkContract {
    private static MemoryMongo server;
    private static MongoClient client;

    @BeforeAll
    static void start() {
        server = new MemoryMongo(true);
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
        return Transactions.REQUIRED;
    }

    @Test
    void documents_have_nothing_of_forebay() {
        apply(row("a", upsert("{$inc: {n: 1}}")), row("b", insert("{n: 1}")));

        assertThat(pages().find(json("{_forebay: {$exists: true}}")).first()).isNull();
    }

    /** Transactions that make the same collection collide; the server here refuses to make one in a transaction. */
    @Test
    void a_collection_that_does_not_exist_is_made_before_the_transaction() {
        pages().drop();

        apply(row("a", upsert("{$inc: {n: 1}}")));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 1}"));
    }

    /** A server that became a replica set: what was begun without transactions is finished that way. */
    @Test
    void a_batch_that_was_begun_without_transactions_is_finished_by_the_next_owner() {
        database().createCollection(Intents.COLLECTION);
        pages().insertOne(json("{_id: 'a', n: 1}"));
        Batch batch = batch(row("a", update("{$inc: {n: 1}}")));
        new Intents(database()).put(batch);
        new Watermarks(database()).intend(batch);

        assertThat(sink.own(journal, 0)).isEqualTo(new Watermark(epoch + 1, batch.to(), batch.id()));

        assertThat(stored("a")).isEqualTo(json("{_id: 'a', n: 2}"));
        assertThat(read("a").watermark()).isEqualTo(batch.to());
    }

    /** The driver allows no timeout of a command within a transaction that has one. */
    @Test
    void a_client_with_a_timeout_of_its_own_will_do() {
        try (MongoClient impatient = MongoClients.create(server.uri() + "/?timeoutMS=20000&retryWrites=false")) {
            MongoSink other = MongoSink.of(impatient, "forebay_contract");

            other.apply(batch(row("a", upsert("{$inc: {n: 1}}"))));

            assertThat(content(other.read(journal, 0, other.describe(PAGES), key("a"))))
                    .isEqualTo(json("{n: 1}"));
        }
    }
}
