package io.forebay.mongodb;

import static com.mongodb.client.model.Filters.eq;
import static com.mongodb.client.model.Updates.inc;
import static com.mongodb.client.model.Updates.push;
import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.UpdateOptions;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.MissingRow;
import io.forebay.Table;
import io.forebay.kafka.KafkaDriver;
import io.forebay.mongodb.client.BufferedMongo;
import io.forebay.mongodb.client.BufferedMongoClient;
import io.forebay.mongodb.client.BufferedMongoOptions;
import io.forebay.redis.RedisDriver;
import io.forebay.redis.RedisSettings;
import io.forebay.spi.Driver;
import io.forebay.testservers.KafkaServer;
import io.forebay.testservers.RedisServer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import org.bson.Document;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Documents in a buffer that two instances share, whose journal is a real Redis or a real Kafka. */
class SharedBufferTest {
    private static final int WRITES = 50;
    private static final Duration SOON = Duration.ofMillis(20);
    private static final FlushPolicy OFTEN = FlushPolicy.DEFAULT.withInterval(SOON, Duration.ZERO);

    private static RedisServer redis;
    private static KafkaServer kafka;

    /** Where the journal is. */
    enum Journal {
        REDIS,
        KAFKA;

        Driver driver() {
            return this == REDIS
                    ? RedisDriver.at(RedisSettings.of(redis.uri()))
                    : KafkaDriver.at(kafka.bootstrapServers());
        }
    }

    @BeforeAll
    static void start() {
        redis = RedisServer.create();
        kafka = KafkaServer.create();
    }

    @AfterAll
    static void stop() {
        kafka.close();
        redis.close();
    }

    @ParameterizedTest
    @CsvSource({"REDIS, false", "REDIS, true", "KAFKA, false", "KAFKA, true"})
    void two_instances_write_and_read_the_same_documents(Journal journal, boolean transactions) {
        String name = "sink-%s-%s".formatted(journal, transactions).toLowerCase(Locale.ROOT);
        try (MemoryMongo server = new MemoryMongo(transactions);
                MongoClient client = server.client()) {
            for (String collection : List.of("pages", "forebay_watermark", "forebay_dead_letter", "forebay_database"))
                client.getDatabase("shop").createCollection(collection);
            try (Forebay one = instance(name, journal, client);
                    Forebay other = instance(name, journal, client)) {
                Table here = pages(one);
                Table there = pages(other);
                for (int i = 1; i <= WRITES; i++) {
                    here.row("/home").increment("views").await();
                    there.row("/home").increment("views").await();
                    assertThat(here.row("/home").getLong("views")).isEqualTo(2L * i);
                    assertThat(there.row("/home").getLong("views")).isEqualTo(2L * i);
                }
                one.flushAndWait();
                other.flushAndWait();
            }
            Document page = Objects.requireNonNull(
                    client.getDatabase("shop").getCollection("pages").find().first());
            assertThat(page).containsEntry("views", 2L * WRITES);
            assertThat(page.containsKey(MongoSink.FENCE_FIELD)).isNotEqualTo(transactions);
        }
    }

    private static Forebay instance(String name, Journal journal, MongoClient client) {
        return Forebay.builder()
                .database(name, MongoSink.of(client, "shop"))
                .driver(journal.driver())
                .flush(OFTEN)
                .build();
    }

    private static Table pages(Forebay forebay) {
        return forebay.table("pages", table -> table.onMissingRow(MissingRow.INSERT));
    }

    @ParameterizedTest
    @CsvSource({"REDIS", "KAFKA"})
    void two_wrapped_clients_write_and_read_the_same_documents(Journal journal) {
        String database = "client-" + journal.name().toLowerCase(Locale.ROOT);
        try (MemoryMongo server = new MemoryMongo(false);
                BufferedMongoClient one = wrap(server, database, journal);
                BufferedMongoClient other = wrap(server, database, journal)) {
            MongoCollection<Document> here = one.getDatabase(database).getCollection("pages");
            MongoCollection<Document> there = other.getDatabase(database).getCollection("pages");
            UpdateOptions upsert = new UpdateOptions().upsert(true);
            for (int i = 0; i < WRITES; i += 2) {
                here.updateOne(eq("_id", 1), inc("n", 1), upsert);
                here.updateOne(eq("_id", 1), push("l", i), upsert);
                there.updateOne(eq("_id", 1), push("l", i + 1), upsert);
                assertThat(there.find(eq("_id", 1)).first()).containsEntry("n", i / 2 + 1);
            }
            one.flushAndWait();
            other.flushAndWait();
            try (MongoClient bare = server.client()) {
                Document page = Objects.requireNonNull(
                        bare.getDatabase(database).getCollection("pages").find().first());
                assertThat(page.getList("l", Integer.class))
                        .containsExactlyElementsOf(
                                IntStream.range(0, WRITES).boxed().toList());
            }
        }
    }

    private static BufferedMongoClient wrap(MemoryMongo server, String database, Journal journal) {
        return BufferedMongo.wrap(
                server.client(),
                BufferedMongoOptions.builder()
                        .collections(database, "pages")
                        .driver(journal.driver())
                        .flushInterval(SOON)
                        .build());
    }
}
