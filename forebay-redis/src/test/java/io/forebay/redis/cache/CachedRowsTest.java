package io.forebay.redis.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.MissingRow;
import io.forebay.Table;
import io.forebay.redis.RedisSettings;
import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.Bytes;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnType;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import io.forebay.testkit.MemorySink;
import io.forebay.testservers.RedisServer;
import io.forebay.testservers.TcpRelay;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** C4: reads through Forebay that take rows from a cache are as exact as those that ask the database. */
class CachedRowsTest {
    private static final ColumnType WHOLE = new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);
    private static final TableInfo PAGES = pages();
    private static final UUID JOURNAL = UUID.randomUUID();
    private static final Executor THREADS = task -> new Thread(task).start();
    private static RedisServer server;

    @TempDir
    Path folder;

    private final MemorySink database = new MemorySink().create(PAGES);
    private TcpRelay relay;
    private CachedRows rows;

    @BeforeAll
    static void startServer() {
        server = RedisServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @BeforeEach
    void open() {
        server.command("FLUSHALL");
        relay = TcpRelay.to(server.host(), server.port());
        rows = over();
    }

    @AfterEach
    void close() {
        rows.close();
        relay.close();
    }

    private static TableInfo pages() {
        Map<String, Column> columns = new LinkedHashMap<>();
        columns.put("id", new Column("id", WHOLE, false, Column.Absent.NULL));
        columns.put("hits", new Column("hits", WHOLE, true, Column.Absent.ZERO));
        return new TableInfo("pages", List.of("id"), columns, List.of());
    }

    private CachedRows over() {
        RedisSettings redis = RedisSettings.of("redis://127.0.0.1:" + relay.port());
        CachedRows over =
                CachedRows.over(database, CacheSettings.of(redis, "shop").withGrace(Duration.ZERO), NearPolicy.DEFAULT);
        await().until(over::isNear);
        return over;
    }

    private static RowKey row(long id) {
        return RowKey.of("pages", List.of(id));
    }

    private static Batch batch(long from, long... ids) {
        List<PendingRow> pending = new ArrayList<>();
        for (long id : ids)
            pending.add(new PendingRow(
                    row(id),
                    List.of(new Stage(Stage.Kind.UPSERT, new TreeMap<>(Map.of("hits", new ColumnChange.Add(1L)))))));
        TableDefinition pages = new TableDefinition(PAGES, MissingRow.INSERT, null, null, false);
        return new Batch(JOURNAL, 0, 1, from, from + 1, UUID.randomUUID(), pending, List.of(), Map.of("pages", pages));
    }

    private void isRow(BaseRow row, long watermark, long hits) {
        assertThat(row.watermark()).isEqualTo(watermark);
        assertThat(row.columns().orElseThrow()).containsEntry("hits", hits);
    }

    private BaseRow recalled(long id) {
        return rows.recall(JOURNAL, 0, PAGES, row(id));
    }

    private void attached() {
        database.attach(JOURNAL, 1, null);
        rows.own(JOURNAL, 0);
    }

    @Test
    void C4_a_flush_drops_the_rows_it_touched_and_lifts_the_others() {
        attached();
        rows.apply(batch(0, 1, 2));
        isRow(recalled(1), 1, 1);
        isRow(recalled(2), 1, 1);
        long loads = rows.stats().loads();

        rows.apply(batch(1, 1));

        isRow(recalled(1), 2, 2);
        isRow(recalled(2), 2, 1);
        assertThat(rows.stats().loads()).isEqualTo(loads + 1); // of row 1
    }

    @Test
    void C4_nothing_is_lifted_over_a_batch_of_another_process() {
        attached();
        rows.apply(batch(0, 1));
        isRow(recalled(1), 1, 1);
        database.apply(batch(1, 1));

        rows.apply(batch(2, 2));

        isRow(recalled(1), 1, 1); // too old for a read, and says so
        isRow(rows.read(JOURNAL, 0, PAGES, row(1)), 3, 2);
    }

    @Test
    void C4_nothing_is_lifted_over_a_batch_whose_rows_could_not_be_dropped() {
        attached();
        rows.apply(batch(0, 1));
        isRow(recalled(1), 1, 1);
        relay.refuse(true);
        relay.cut();
        await().until(() -> !rows.isNear());
        rows.apply(batch(1, 1)); // is in the database, so it does not fail
        relay.refuse(false);
        await().atMost(20, TimeUnit.SECONDS).until(rows::isNear);

        rows.apply(batch(2, 2));

        isRow(recalled(1), 1, 1); // too old for a read, and says so
        isRow(recalled(2), 3, 1);
    }

    @Test
    void a_database_that_went_back_empties_the_cache() {
        attached();
        MemorySink.Backup before = database.backup();
        rows.apply(batch(0, 1));
        isRow(recalled(1), 1, 1);

        before.restore();
        rows.own(JOURNAL, 0);

        assertThat(recalled(1).columns()).isEmpty();
    }

    @Test
    void a_row_of_another_journal_is_not_taken_for_one_of_this() {
        attached();
        rows.apply(batch(0, 1));
        isRow(recalled(1), 1, 1);
        UUID other = UUID.randomUUID();
        database.attach(other, 1, null);

        isRow(rows.recall(other, 0, PAGES, row(1)), 0, 1);
    }

    @Test
    void a_row_that_is_not_there_is_asked_for_each_time() {
        attached();
        assertThat(recalled(1).columns()).isEmpty();
        database.apply(batch(0, 1));

        isRow(recalled(1), 1, 1);
    }

    @Test
    void different_rows_have_different_keys() {
        assertThat(CachedRows.key(RowKey.of("t", List.of("a:b", "c"))))
                .isEqualTo("row:t:a\\:b:c")
                .isNotEqualTo(CachedRows.key(RowKey.of("t", List.of("a", "b:c"))))
                .isNotEqualTo(CachedRows.key(RowKey.of("t", List.of("a\\", "b", "c"))));
        byte[] long1 = new byte[20];
        byte[] long2 = new byte[20];
        long2[19] = 1;
        assertThat(CachedRows.key(RowKey.of("t", List.of(Bytes.copyOf(long1)))))
                .isNotEqualTo(CachedRows.key(RowKey.of("t", List.of(Bytes.copyOf(long2)))));
    }

    @Test
    void a_kept_row_comes_back_as_it_was() {
        Map<String, Object> columns = new LinkedHashMap<>();
        columns.put("b", 7L);
        columns.put("a", null);
        columns.put("c", "text");
        KeptRow kept = new KeptRow(JOURNAL, new BaseRow(9, Optional.of(columns)));

        assertThat(KeptRow.CODEC.read(KeptRow.CODEC.write(kept))).isEqualTo(kept);
    }

    /** Half of the rows are never written to during the race, and are lifted over each flush. */
    @Test
    void C4_a_read_is_between_what_was_written_before_it_and_what_was_written_after_it() throws Exception {
        int rowCount = 8;
        AtomicLongArray begun = new AtomicLongArray(rowCount);
        AtomicLongArray written = new AtomicLongArray(rowCount);
        AtomicLong reads = new AtomicLong();
        AtomicBoolean over = new AtomicBoolean();
        try (Forebay forebay = Forebay.builder()
                .database("shop", rows)
                .journal(folder)
                .partitions(2)
                .flush(FlushPolicy.DEFAULT.withInterval(Duration.ofMillis(2), Duration.ofMillis(2)))
                .build()) {
            Table pages = forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
            for (long id = 0; id < rowCount; id++) pages.row(id).increment("hits");
            forebay.flushAndWait();
            for (int id = 0; id < rowCount; id++) {
                begun.incrementAndGet(id);
                written.incrementAndGet(id);
            }
            CompletableFuture<Void> writer = CompletableFuture.runAsync(
                    () -> {
                        for (int i = 0; !over.get(); i++) {
                            int id = i % (rowCount / 2);
                            begun.incrementAndGet(id);
                            pages.row((long) id).increment("hits").await(); // so that flushes keep up
                            written.incrementAndGet(id);
                        }
                    },
                    THREADS);
            List<CompletableFuture<Void>> readers = new ArrayList<>();
            for (int seed = 0; seed < 2; seed++) {
                Random random = new Random(seed);
                readers.add(CompletableFuture.runAsync(
                        () -> {
                            while (reads.incrementAndGet() < 4_000) {
                                int id = random.nextInt(rowCount);
                                long least = written.get(id);
                                assertThat(pages.row((long) id).getLong("hits")).isBetween(least, begun.get(id));
                            }
                        },
                        THREADS));
            }
            CompletableFuture.allOf(readers.toArray(CompletableFuture[]::new))
                    .whenComplete((done, failed) -> over.set(true))
                    .join();
            writer.join();
        }
        assertThat(database.commits()).isGreaterThan(20);
        assertThat(rows.stats().nearHits()).isGreaterThan(500); // of about 2,000 reads of the other half
    }

    @Test
    void C4_a_row_that_is_too_old_for_a_read_is_read_from_the_database() {
        try (Forebay forebay = Forebay.builder()
                .database("shop", rows)
                .journal(folder)
                .partitions(1)
                .build()) {
            Table pages = forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
            pages.row(1L).increment("hits");
            forebay.flushAndWait();
            assertThat(pages.row(1L).getLong("hits")).isEqualTo(1);
            relay.refuse(true);
            relay.cut();
            await().until(() -> !rows.isNear());
            pages.row(1L).increment("hits");
            forebay.flushAndWait(); // and Redis cannot be told
            relay.refuse(false);
            await().atMost(20, TimeUnit.SECONDS).until(rows::isNear);

            assertThat(pages.row(1L).getLong("hits")).isEqualTo(2);
        }
    }

    @Test
    void a_change_by_another_program_is_told_to_the_cache() {
        attached();
        rows.apply(batch(0, 1));
        isRow(recalled(1), 1, 1);
        database.apply(batch(1, 1));
        try (RedisInvalidations changes =
                RedisInvalidations.open(CacheSettings.of(RedisSettings.of(server.uri()), "shop"))) {
            changes.invalidate(Set.of("row:pages:1"), Set.of(), Set.of())
                    .toCompletableFuture()
                    .join();
        }

        await().untilAsserted(() -> isRow(recalled(1), 2, 2));
    }
}
