package io.forebay.cdc.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.FileDeadLetters;
import io.forebay.redis.RedisSettings;
import io.forebay.redis.cache.CacheCodec;
import io.forebay.redis.cache.CacheSettings;
import io.forebay.redis.cache.ConsistentCache;
import io.forebay.redis.cache.RedisInvalidations;
import io.forebay.testservers.PostgresServer;
import io.forebay.testservers.RedisServer;
import io.forebay.testservers.TcpRelay;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The engine on a real PostgreSQL, the cache in a real Redis that the pipeline cannot reach for a while. Readers can, so that what
 * is cached stays there until it is invalidated.
 */
class RedisAwayTest {
    private static final int ROWS = 200;

    @TempDir
    private Path directory;

    @Test
    void what_changes_while_redis_is_away_for_seconds_is_told_afterwards() throws Exception {
        isAwayFor(Duration.ofSeconds(3));
    }

    @Test
    @Tag("slow")
    void what_changes_while_redis_is_away_for_a_minute_is_told_afterwards() throws Exception {
        isAwayFor(Duration.ofMinutes(1));
    }

    private void isAwayFor(Duration away) throws Exception {
        try (PostgresServer postgres = PostgresServer.create();
                RedisServer redis = RedisServer.create();
                TcpRelay relay = TcpRelay.to("127.0.0.1", redis.port());
                ConsistentCache<String> cache = ConsistentCache.builder(
                                settings(redis.port()), CacheCodec.json(String.class))
                        .open();
                RedisInvalidations target = RedisInvalidations.open(settings(relay.port()))) {
            Users users = new Users(postgres.dataSource());
            users.fill(ROWS, "first");
            try (CdcPipeline pipeline = pipeline(postgres, target)) {
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> pipeline.status().gaps() == 1
                                && pipeline.status().underWay() == 0
                                && cache.isNear());
                Map<String, String> first = users.entries();
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> holds(cache, first)); // after the grace of the first flush

                relay.refuse(true);
                relay.cut();
                for (int id = 1; id <= ROWS; id++) {
                    users.sql("UPDATE users SET name = 'second' WHERE id = " + id);
                    TimeUnit.NANOSECONDS.sleep(away.toNanos() / ROWS);
                }
                assertThat(pipeline.status().cacheAnswers()).isFalse();
                assertThat(holds(cache, first)).isTrue();
                relay.refuse(false);

                await().atMost(Duration.ofSeconds(30))
                        .until(() -> pipeline.status().underWay() == 0);
                Map<String, String> second = users.entries();
                await().atMost(Duration.ofSeconds(10)).until(() -> holds(cache, second));
                assertThat(pipeline.status().gaps()).isEqualTo(1);
                assertThat(pipeline.status().deadLettered()).isZero();
                assertThat(pipeline.status().cacheAnswers()).isTrue();
            }
        }
    }

    private static CacheSettings settings(int port) {
        return CacheSettings.of(RedisSettings.of("redis://127.0.0.1:" + port), "users")
                .withTtl(Duration.ofHours(1), Duration.ZERO)
                .withGrace(Duration.ofMillis(50));
    }

    private CdcPipeline pipeline(PostgresServer postgres, RedisInvalidations target) {
        return CdcPipeline.builder()
                .source(EngineSource.builder(directory.resolve("engine"))
                        .postgres(postgres.host(), postgres.port(), "postgres", "postgres", "")
                        .property("table.include.list", "public.users")
                        .build())
                .rules(Users.RULES)
                .cache(target)
                .deadLetters(FileDeadLetters.at(directory.resolve("letters")))
                .start();
    }

    /** Whether the cache has all of these, read through it, and nothing that is another value. */
    private static boolean holds(ConsistentCache<String> cache, Map<String, String> entries) {
        return entries.entrySet().stream()
                .allMatch(entry -> cache.get(entry.getKey(), missing -> entry.getValue())
                        .orElseThrow()
                        .equals(entry.getValue()));
    }
}
