package io.forebay.mongodb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import io.forebay.DuplicateRowException;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.JournalPolicy;
import io.forebay.MissingRow;
import io.forebay.RowView;
import io.forebay.Table;
import io.forebay.TableOptions;
import io.forebay.mongodb.FailingServer.Failure;
import io.forebay.testkit.MemoryDriver;
import io.forebay.testkit.SimulatedDisk;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bson.Document;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tables and rows, where they are collections and documents. */
class CollectionsTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");
    private static final FlushPolicy SOON = FlushPolicy.DEFAULT
            .withInterval(Duration.ofMillis(5), Duration.ZERO)
            .withRetry(Duration.ofMillis(1), Duration.ofMillis(2));

    private static final JournalPolicy SMALL = new JournalPolicy(64 << 10, Duration.ofHours(1), 1 << 20, 8 << 20);

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private MemoryMongo server;
    private MongoClient client;
    private Forebay forebay;
    private Table pages;

    @BeforeEach
    void open() {
        server = new MemoryMongo(false);
        client = server.client();
        forebay = Forebay.builder()
                .database("shop", MongoSink.of(client, "shop"))
                .journal(name -> disk)
                .journalPolicy(SMALL)
                .build();
        pages = forebay.table("pages", table -> table.onMissingRow(MissingRow.INSERT));
    }

    @AfterEach
    void close() {
        forebay.close();
        client.close();
        server.close();
    }

    private MongoCollection<Document> bare() {
        return client.getDatabase("shop").getCollection("pages");
    }

    @Test
    void what_is_pending_reads_as_it_will_read_from_the_database() {
        pages.row("/home").increment("views");
        pages.row("/home").increment("views", 2);
        pages.row("/home").max("seen", NOON);
        pages.row("/home").set("by.name", "Ann");
        Map<String, Object> pending = pages.row("/home").read().orElseThrow().asMap();

        forebay.flushAndWait();

        assertThat(pages.row("/home").read().orElseThrow().asMap()).isEqualTo(pending);
        assertThat(pages.row("/home").getLong("views")).isEqualTo(3);
        assertThat(pages.row("/home").get("seen", Instant.class)).contains(NOON);
        assertThat(pages.row("/home").getString("by.name")).contains("Ann");
        assertThat(pending).containsOnlyKeys("_id", "views", "seen", "by");
        assertThat(bare().find().first()).containsEntry("views", 3L).containsKey(MongoSink.FENCE_FIELD);
    }

    @Test
    void a_document_of_another_program_is_read_beneath_what_is_pending() {
        bare().insertOne(new Document("_id", 17).append("views", 40).append("tags", List.of("a")));

        pages.row(17).increment("views", 2);

        RowView row = pages.row(17L).read().orElseThrow();
        assertThat(row.getLong("views")).isEqualTo(42);
        assertThat(row.get("tags", List.class)).contains(List.of("a"));
    }

    @Test
    void an_insert_without_a_key_is_found_under_the_one_it_got() {
        pages.insert(Map.of("title", "new")).await();

        forebay.flushAndWait();

        Document found = bare().find().first();
        assertThat(found.get("_id")).isInstanceOf(ObjectId.class);
        assertThat(pages.row(found.get("_id")).getString("title")).contains("new");
    }

    @Test
    void an_insert_of_what_is_pending_as_an_insert_is_refused_at_the_call() {
        pages.insert(Map.of("_id", "a", "n", 1));

        assertThatThrownBy(() -> pages.insert(Map.of("_id", "a", "n", 2))).isInstanceOf(DuplicateRowException.class);
    }

    @Test
    void a_deleted_document_is_gone_before_it_is_flushed() {
        bare().insertOne(new Document("_id", "a"));

        pages.row("a").delete();

        assertThat(pages.row("a").read()).isEmpty();
        forebay.flushAndWait();
        assertThat(bare().countDocuments()).isZero();
    }

    @Test
    void writes_go_on_after_a_restart_while_the_server_is_away() {
        pages.row("a").increment("n").await();
        forebay.close(Duration.ZERO);
        server.failAt(1, Failure.REQUEST_LOST); // the start finds nobody

        forebay = Forebay.builder()
                .database("shop", MongoSink.of(client, "shop"))
                .journal(name -> disk)
                .journalPolicy(SMALL)
                .build();
        forebay.table("pages", table -> table.onMissingRow(MissingRow.INSERT))
                .row("a")
                .increment("n");
        forebay.flushAndWait();

        assertThat(bare().find().first()).containsEntry("n", 2L);
    }

    @Test
    void a_table_with_columns_has_no_documents_and_a_collection_is_not_routed_by_a_field() {
        assertThatThrownBy(() -> forebay.table("pages", table -> table.group("g", "document")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pages");
        assertThat(pages.documents().name()).isEqualTo("pages");
    }

    /** A shared buffer's next owner cuts its batches elsewhere: what another has half written it finishes as that had begun it. */
    @Test
    void processes_that_share_a_buffer_count_once_without_transactions() {
        MemoryDriver driver = new MemoryDriver();
        Random random = new Random(7);
        try (Forebay one = shared(driver);
                Forebay two = shared(driver)) {
            List<Table> counters = List.of(
                    one.table("counters", CollectionsTest::inserting),
                    two.table("counters", CollectionsTest::inserting));
            for (int i = 0; i < 300; i++) {
                Table counter = counters.get(random.nextInt(2));
                counter.with(Durability.JOURNALED)
                        .row("c" + random.nextInt(3))
                        .increment("n")
                        .await();
                if (i % 20 == 0) driver.rebalance();
                if (i % 7 == 0) server.failAt(1 + random.nextInt(9), Failure.values()[random.nextInt(2)]);
            }
            server.failNoMore();
            one.flushAndWait();
            two.flushAndWait();
        }

        long sum = 0;
        for (Document counter :
                client.getDatabase("shop").getCollection("counters").find()) sum += counter.getLong("n");
        assertThat(sum).isEqualTo(300);
    }

    private static void inserting(TableOptions table) {
        table.onMissingRow(MissingRow.INSERT);
    }

    private Forebay shared(MemoryDriver driver) {
        return Forebay.builder()
                .database("shop", MongoSink.of(client, "shop"))
                .driver(driver)
                .partitions(2)
                .flush(SOON)
                .build();
    }
}
