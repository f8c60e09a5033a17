package io.forebay.redis.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.forebay.redis.RedisSettings;
import io.forebay.testservers.RedisServer;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Time moves by hand. */
class StalenessAuditorTest {
    private static RedisServer server;

    private final ConcurrentHashMap<String, String> database = new ConcurrentHashMap<>();
    private final AtomicLong nanos = new AtomicLong();
    private ConsistentCache<String> cache;
    private StalenessAuditor<String> auditor;

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
        server.start();
        server.command("FLUSHALL");
        CacheSettings settings =
                CacheSettings.of(RedisSettings.of(server.uri()), "users").withGrace(Duration.ZERO);
        cache = ConsistentCache.builder(settings, CacheCodec.json(String.class)).open();
        await().until(cache::isNear);
        auditor = auditor(1);
    }

    private StalenessAuditor<String> auditor(int oneIn) {
        return new StalenessAuditor<>(cache, database::get, oneIn, nanos::get);
    }

    @AfterEach
    void close() {
        auditor.close();
        cache.close();
    }

    private void change(String key, String value) {
        cache.get(key, database::get);
        database.put(key, value);
        auditor.changed(key);
    }

    private int after(Duration time) {
        nanos.addAndGet(time.toNanos());
        return auditor.runOnce();
    }

    @Test
    void a_value_that_was_invalidated_is_consistent_after_1_5_and_10_seconds() {
        change("user:1", "Ann");
        cache.invalidate("user:1");
        assertThat(after(Duration.ofMillis(999))).isZero();

        assertThat(after(Duration.ofMillis(1))).isEqualTo(1);
        cache.get("user:1", database::get);
        assertThat(after(Duration.ofSeconds(4))).isEqualTo(1);
        assertThat(after(Duration.ofSeconds(5))).isEqualTo(1);
        assertThat(after(Duration.ofSeconds(60))).isZero();

        assertThat(auditor.report())
                .extracting(
                        StalenessAuditor.Tally::compared, StalenessAuditor.Tally::near, StalenessAuditor.Tally::redis)
                .containsOnly(tuple(1L, 1L, 1L));
    }

    @Test
    void a_value_that_nobody_invalidated_is_found_in_both_levels() {
        database.put("user:1", "Ann");
        change("user:1", "Bob");

        after(Duration.ofSeconds(1));

        assertThat(auditor.report().get(0)).isEqualTo(new StalenessAuditor.Tally(Duration.ofSeconds(1), 1, 0, 0, 0, 0));
        cache.invalidate("user:1");
        after(Duration.ofSeconds(4));
        assertThat(auditor.report().get(1)).isEqualTo(new StalenessAuditor.Tally(Duration.ofSeconds(5), 1, 1, 1, 0, 0));
    }

    @Test
    void a_key_that_changes_again_counts_from_then_on() {
        change("user:1", "Ann");
        nanos.addAndGet(Duration.ofMillis(900).toNanos());
        change("user:1", "Bob");
        cache.invalidate("user:1");

        assertThat(after(Duration.ofMillis(900))).isZero();
        assertThat(after(Duration.ofMillis(100))).isEqualTo(1);
    }

    @Test
    void a_key_that_changes_while_it_is_compared_is_overtaken() {
        AtomicLong versions = new AtomicLong();
        try (StalenessAuditor<String> busy =
                new StalenessAuditor<>(cache, key -> "" + versions.incrementAndGet(), 1, nanos::get)) {
            busy.changed("user:1");
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            busy.runOnce();

            assertThat(busy.report().get(0).overtaken()).isEqualTo(1);
            assertThat(busy.report().get(0).compared()).isZero();
        }
    }

    @Test
    void what_cannot_be_compared_is_counted() {
        change("user:1", "Ann");
        server.kill();

        after(Duration.ofSeconds(1));

        assertThat(auditor.report().get(0).failed()).isEqualTo(1);
    }

    @Test
    void one_in_so_many_is_sampled() {
        try (StalenessAuditor<String> some = auditor(10)) {
            for (int i = 0; i < 100; i++) some.changed("user:" + i);
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());

            assertThat(some.runOnce()).isEqualTo(10);
        }
        assertThatThrownBy(() -> auditor(0)).hasMessageContaining("at least 1");
    }

    @Test
    void it_has_a_thread_of_its_own() {
        try (StalenessAuditor<String> running = StalenessAuditor.start(cache, database::get, 1)) {
            running.changed("user:1");

            await().until(() -> running.report().get(0).compared() == 1);
        }
    }
}
