package io.forebay.cdc.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.FakeCache;
import io.forebay.cdc.FileDeadLetters;
import io.forebay.testservers.TestServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded engine on a real database. */
abstract class EngineSourceContract {
    final FakeCache cache = new FakeCache();
    CdcPipeline pipeline;

    @TempDir
    Path directory;

    /** The table of the server under test. */
    abstract Users users();

    /** Settings of the server under test, but for the table. */
    abstract EngineSource.Builder source(Path engine);

    /** The schema or database that the table is in. */
    abstract String qualifier();

    /** The server under test. */
    abstract TestServer server();

    @BeforeEach
    void fill() {
        users().fill(20, "first");
    }

    @AfterEach
    void forget() throws Exception {
        if (pipeline != null) pipeline.close();
        EngineSource source = source();
        source.close();
        source.forget();
    }

    private EngineSource source() {
        return source(directory.resolve("engine"))
                .property("table.include.list", qualifier() + ".users")
                .property("heartbeat.interval.ms", "200")
                .property("offset.flush.interval.ms", "100")
                .build();
    }

    void start() {
        pipeline = CdcPipeline.builder()
                .source(source())
                .rules(Users.rules(qualifier()))
                .cache(cache)
                .deadLetters(FileDeadLetters.at(directory.resolve("letters")))
                .start();
    }

    void startAndAwaitFlush() {
        int before = cache.flushes().size();
        start();
        await().atMost(Duration.ofSeconds(30)).until(() -> cache.flushes().size() > before);
    }

    void readAll() {
        users().entries().forEach(cache::put);
    }

    void awaitGone(int id) {
        await().atMost(Duration.ofSeconds(30)).until(() -> cache.get("user:" + id) == null);
    }

    /** So that a restart is none of a source that never got anywhere. */
    void awaitStoredPosition() {
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
        users().sql("UPDATE users SET name = 'second' WHERE id = 3", "DELETE FROM users WHERE id = 4");
        awaitGone(3);
        awaitGone(4);

        assertThat(cache.entries()).hasSize(18);
        assertThat(cache.flushes()).hasSize(1);
    }

    @Test
    void what_changed_while_it_was_stopped_is_told_without_a_gap() {
        startAndAwaitFlush();
        readAll();
        users().sql("UPDATE users SET name = 'second' WHERE id = 1");
        awaitGone(1);
        awaitStoredPosition();
        pipeline.close();
        users().sql("UPDATE users SET name = 'second' WHERE id = 2");

        start();
        awaitGone(2);

        assertThat(cache.entries()).hasSize(18);
        assertThat(cache.flushes()).hasSize(1);
    }

    @Test
    void a_killed_server_loses_no_change() {
        startAndAwaitFlush();
        readAll();
        users().sql("UPDATE users SET name = 'second' WHERE id = 1");
        awaitGone(1);
        awaitStoredPosition();

        server().restart();
        users().sql("UPDATE users SET name = 'second' WHERE id = 7");
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

        users().sql("UPDATE users SET name = 'second'");
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
