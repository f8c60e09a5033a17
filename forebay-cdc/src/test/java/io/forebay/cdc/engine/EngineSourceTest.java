package io.forebay.cdc.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.FakeCache;
import io.forebay.cdc.FileDeadLetters;
import io.forebay.testservers.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded engine on a real PostgreSQL. */
class EngineSourceTest {
    private static PostgresServer server;
    private static Users users;

    private final FakeCache cache = new FakeCache();
    private CdcPipeline pipeline;

    @TempDir
    private Path directory;

    @BeforeAll
    static void createTable() {
        server = PostgresServer.create();
        users = new Users(server);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @BeforeEach
    void fill() {
        users.sql("TRUNCATE users", "INSERT INTO users SELECT i, 'first' FROM generate_series(1, 20) i");
    }

    @AfterEach
    void forget() throws Exception {
        if (pipeline != null) pipeline.close();
        EngineSource source = source();
        source.close();
        source.forget();
    }

    private EngineSource source() {
        return EngineSource.builder(directory.resolve("engine"))
                .postgres(server.host(), server.port(), "postgres", "postgres", "")
                .property("table.include.list", "public.users")
                .property("heartbeat.interval.ms", "200")
                .property("offset.flush.interval.ms", "100")
                .build();
    }

    private void start() {
        pipeline = CdcPipeline.builder()
                .source(source())
                .rules(Users.RULES)
                .cache(cache)
                .deadLetters(FileDeadLetters.at(directory.resolve("letters")))
                .start();
    }

    private void startAndAwaitFlush() {
        int before = cache.flushes().size();
        start();
        await().atMost(Duration.ofSeconds(30)).until(() -> cache.flushes().size() > before);
    }

    private void readAll() {
        users.entries().forEach(cache::put);
    }

    private void awaitGone(int id) {
        await().atMost(Duration.ofSeconds(30)).until(() -> cache.get("user:" + id) == null);
    }

    /** So that a restart is none of a source that never got anywhere. */
    private void awaitStoredPosition() {
        await().atMost(Duration.ofSeconds(30))
                .until(() -> !OffsetFile.read(directory.resolve("engine/offsets.json"))
                        .isEmpty());
    }

    @Test
    void a_first_start_invalidates_everything_and_then_each_change() {
        readAll();

        startAndAwaitFlush();
        assertThat(cache.entries()).isEmpty();
        readAll();
        users.sql("UPDATE users SET name = 'second' WHERE id = 3", "DELETE FROM users WHERE id = 4");
        awaitGone(3);
        awaitGone(4);

        assertThat(cache.entries()).hasSize(18);
        assertThat(cache.flushes()).hasSize(1);
    }

    @Test
    void what_changed_while_it_was_stopped_is_told_without_a_gap() {
        startAndAwaitFlush();
        readAll();
        users.sql("UPDATE users SET name = 'second' WHERE id = 1");
        awaitGone(1);
        awaitStoredPosition();
        pipeline.close();
        users.sql("UPDATE users SET name = 'second' WHERE id = 2");

        start();
        awaitGone(2);

        assertThat(cache.entries()).hasSize(18);
        assertThat(cache.flushes()).hasSize(1);
    }

    @Test
    void a_slot_that_was_dropped_invalidates_everything() {
        startAndAwaitFlush();
        awaitStoredPosition();
        pipeline.close();
        readAll();
        users.sql("SELECT pg_drop_replication_slot('forebay')", "UPDATE users SET name = 'missed' WHERE id = 5");

        startAndAwaitFlush();

        assertThat(cache.flushes().get(1)).contains("slot 'forebay' is not there");
        assertThat(cache.entries()).isEmpty();
    }

    @Test
    void a_slot_that_is_dropped_under_the_engine_invalidates_everything() {
        startAndAwaitFlush();
        readAll();
        awaitStoredPosition();

        users.sql(
                "SELECT pg_terminate_backend(active_pid), pg_sleep(0.05) FROM pg_replication_slots",
                "SELECT pg_drop_replication_slot('forebay')",
                "UPDATE users SET name = 'missed' WHERE id = 5");
        await().atMost(Duration.ofSeconds(30)).until(() -> cache.flushes().size() == 2);

        assertThat(cache.get("user:5")).isNull();
        readAll();
        users.sql("UPDATE users SET name = 'told' WHERE id = 6");
        awaitGone(6);
        assertThat(cache.entries()).hasSize(19);
    }

    @Test
    void a_slot_that_was_set_ahead_invalidates_everything() {
        startAndAwaitFlush();
        awaitStoredPosition();
        pipeline.close();
        readAll();
        users.sql(
                "UPDATE users SET name = 'missed' WHERE id = 5",
                "SELECT pg_replication_slot_advance('forebay', pg_current_wal_insert_lsn())");

        startAndAwaitFlush();

        assertThat(cache.flushes().get(1)).contains("ahead of the stored position");
    }

    @Test
    void a_killed_server_loses_no_change() {
        startAndAwaitFlush();
        readAll();
        users.sql("UPDATE users SET name = 'second' WHERE id = 1");
        awaitGone(1);
        awaitStoredPosition();

        server.kill();
        server.start();
        users.sql("UPDATE users SET name = 'second' WHERE id = 7");
        awaitGone(7);

        assertThat(cache.entries()).hasSize(18);
        assertThat(cache.flushes()).hasSize(1);
    }

    /** With an exception thrown into the engine, the rest of the batch would be skipped. */
    @Test
    void a_cache_that_is_away_gets_every_change_of_a_batch_when_it_is_back() {
        startAndAwaitFlush();
        readAll();
        CompletableFuture<Void> gate = new CompletableFuture<>();
        cache.gate(gate);

        users.sql("UPDATE users SET name = 'second'");
        await().until(() -> pipeline.status().underWay() > 0);
        cache.away(true);
        gate.completeExceptionally(new IllegalStateException("connection lost"));
        await().until(() -> !pipeline.status().cacheAnswers());
        cache.away(false);
        cache.gate(CompletableFuture.completedFuture(null));

        await().atMost(Duration.ofSeconds(30)).until(() -> cache.entries().isEmpty());
        assertThat(cache.flushes()).hasSize(1);
        assertThat(pipeline.status().deadLettered()).isZero();
    }
}
