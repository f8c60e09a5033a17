package io.forebay.cdc.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.testservers.PostgresServer;
import io.forebay.testservers.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The embedded engine on a real PostgreSQL. */
class PostgresSourceTest extends EngineSourceContract {
    private static PostgresServer server;
    private static Users users;

    @BeforeAll
    static void createTable() {
        server = PostgresServer.create();
        users = new Users(server.dataSource());
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    Users users() {
        return users;
    }

    @Override
    EngineSource.Builder source(Path engine) {
        return EngineSource.builder(engine).postgres(server.host(), server.port(), "postgres", "postgres", "");
    }

    @Override
    String qualifier() {
        return "public";
    }

    @Override
    TestServer server() {
        return server;
    }

    @Test
    void a_slot_that_was_dropped_invalidates_everything() {
        startAndAwaitFlush();
        awaitStoredPosition();
        pipeline.close();
        readAll();
        users().sql("SELECT pg_drop_replication_slot('forebay')", "UPDATE users SET name = 'missed' WHERE id = 5");

        startAndAwaitFlush();

        assertThat(cache.flushes().get(1)).contains("slot 'forebay' is not there");
        assertThat(cache.entries()).isEmpty();
    }

    @Test
    void a_slot_that_is_dropped_under_the_engine_invalidates_everything() {
        startAndAwaitFlush();
        readAll();
        awaitStoredPosition();

        users().sql(
                        "SELECT pg_terminate_backend(active_pid), pg_sleep(0.05) FROM pg_replication_slots",
                        "SELECT pg_drop_replication_slot('forebay')",
                        "UPDATE users SET name = 'missed' WHERE id = 5");
        await().atMost(Duration.ofSeconds(30)).until(() -> cache.flushes().size() == 2);

        assertThat(cache.get("user:5")).isNull();
        readAll();
        users().sql("UPDATE users SET name = 'told' WHERE id = 6");
        awaitGone(6);
        assertThat(cache.entries()).hasSize(19);
    }

    @Test
    void a_slot_that_was_set_ahead_invalidates_everything() {
        startAndAwaitFlush();
        awaitStoredPosition();
        pipeline.close();
        readAll();
        users().sql(
                        "UPDATE users SET name = 'missed' WHERE id = 5",
                        "SELECT pg_replication_slot_advance('forebay', pg_current_wal_insert_lsn())");

        startAndAwaitFlush();

        assertThat(cache.flushes().get(1)).contains("ahead of the stored position");
    }
}
