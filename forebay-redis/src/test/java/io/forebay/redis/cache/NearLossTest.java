package io.forebay.redis.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.redis.RedisSettings;
import io.forebay.redis.cache.NearPolicy.Hearing;
import io.forebay.testservers.RedisServer;
import io.forebay.testservers.TcpRelay;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Near caches that may have missed an invalidation, and a Redis that is away or came back older. */
class NearLossTest {
    private static final Duration NEVER = Duration.ofMinutes(1);
    private static RedisServer server;

    private TcpRelay relay;
    private ConsistentCache<String> cut; // behind the relay
    private ConsistentCache<String> other;

    @BeforeAll
    static void startServer() {
        server = RedisServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @BeforeEach
    void emptyServer() {
        server.start();
        server.command("FLUSHALL");
        relay = TcpRelay.to(server.host(), server.port());
    }

    @AfterEach
    void close() {
        if (cut != null) cut.close();
        if (other != null) other.close();
        relay.close();
    }

    /** @param heartbeat of the cache behind the relay */
    private void open(Hearing hearing, Duration heartbeat, LoadPolicy loading) {
        cut = cache(relay.port(), hearing, heartbeat, loading);
        other = cache(server.port(), hearing, Duration.ofMillis(50), LoadPolicy.DEFAULT);
        await().until(() -> cut.isNear() && other.isNear());
    }

    private static ConsistentCache<String> cache(int port, Hearing hearing, Duration heartbeat, LoadPolicy loading) {
        RedisSettings redis = RedisSettings.of("redis://127.0.0.1:" + port);
        return ConsistentCache.builder(
                        CacheSettings.of(redis, "users").withGrace(Duration.ZERO), CacheCodec.json(String.class))
                .near(NearPolicy.DEFAULT
                        .withHearing(hearing)
                        .withHeartbeat(heartbeat)
                        .withTtl(Duration.ofHours(1)))
                .loading(loading)
                .open();
    }

    private static void makeNear(ConsistentCache<String> cache) {
        await().until(() -> cache.get("user:1", key -> "old").isPresent() && cache.peekNear("user:1") != null);
    }

    private static Optional<String> newest(ConsistentCache<String> cache) {
        return cache.get("user:1", key -> "new");
    }

    @ParameterizedTest
    @EnumSource
    void what_was_invalidated_while_the_connection_was_lost_is_not_served(Hearing hearing) {
        open(hearing, Duration.ofSeconds(1), LoadPolicy.DEFAULT);
        makeNear(cut);
        relay.refuse(true);
        relay.cut();
        await().until(() -> !cut.isNear());

        other.invalidate("user:1");

        assertThat(newest(cut)).contains("new"); // loaded, not stored
        relay.refuse(false);
        await().until(() -> newest(other).isPresent());
        await().atMost(20, TimeUnit.SECONDS).until(() -> {
            assertThat(newest(cut)).contains("new");
            return cut.isNear() && cut.peekNear("user:1") != null;
        });
    }

    @ParameterizedTest
    @EnumSource
    void after_a_reconnect_invalidations_are_heard_again(Hearing hearing) {
        open(hearing, Duration.ofMillis(100), LoadPolicy.DEFAULT);
        for (int i = 0; i < 10; i++) {
            makeNear(cut);
            relay.cut();
            await().until(() -> cut.peekNear("user:1") == null);
            await().atMost(20, TimeUnit.SECONDS).until(cut::isNear);
            makeNear(cut);

            other.invalidate("user:1");

            await().atMost(5, TimeUnit.SECONDS).until(() -> cut.peekNear("user:1") == null);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_near_cache_that_hears_nothing_for_long_serves_nothing(Hearing hearing) {
        open(hearing, Duration.ofMillis(100), LoadPolicy.DEFAULT);
        makeNear(cut);

        server.pause(); // connections stay
        try {
            await().atMost(5, TimeUnit.SECONDS).until(() -> cut.peekNear("user:1") == null);
        } finally {
            server.resume();
        }
        await().atMost(20, TimeUnit.SECONDS).until(cut::isNear);
    }

    @ParameterizedTest
    @EnumSource
    void a_Redis_that_was_emptied_empties_near_caches(Hearing hearing) {
        open(hearing, Duration.ofMillis(100), LoadPolicy.DEFAULT);
        makeNear(cut);

        server.command("FLUSHALL");

        await().atMost(5, TimeUnit.SECONDS).until(() -> cut.peekNear("user:1") == null);
        assertThat(newest(cut)).contains("new");
    }

    @Test
    void a_message_that_is_not_the_next_empties_the_near_cache() {
        open(Hearing.PUBLISH_SUBSCRIBE, NEVER, LoadPolicy.DEFAULT);
        makeNear(cut);
        String missed = "forebay:{cache:users:" + CacheKeys.shard("user:1") + "}:head";
        server.command("HINCRBY", missed, "said", "1"); // as if a message had gone nowhere
        String neighbour = neighbourOf("user:1");

        other.invalidate(neighbour);

        await().atMost(5, TimeUnit.SECONDS).until(() -> cut.peekNear("user:1") == null);
        assertThat(cut.stats().nearLost()).isEqualTo(1);
    }

    @Test
    void a_last_message_that_was_missed_is_noticed_by_the_heartbeat() {
        open(Hearing.PUBLISH_SUBSCRIBE, Duration.ofMillis(100), LoadPolicy.DEFAULT);
        makeNear(cut);

        server.command("HINCRBY", "forebay:{cache:users:0}:head", "said", "1");

        await().atMost(5, TimeUnit.SECONDS).until(() -> cut.stats().nearLost() == 1);
        await().atMost(5, TimeUnit.SECONDS).until(cut::isNear);
    }

    @Test
    void a_message_that_is_none_of_ours_empties_the_near_cache() {
        open(Hearing.PUBLISH_SUBSCRIBE, Duration.ofMillis(100), LoadPolicy.DEFAULT);
        makeNear(cut);

        server.command("PUBLISH", "forebay:cache:users:invalidations", "nonsense");

        await().atMost(5, TimeUnit.SECONDS).until(() -> cut.stats().nearLost() == 1);
        await().atMost(5, TimeUnit.SECONDS).until(cut::isNear);
    }

    @Test
    void what_is_deleted_by_hand_is_heard_by_those_who_track() {
        open(Hearing.TRACKING, NEVER, LoadPolicy.DEFAULT);
        makeNear(cut);

        server.command("DEL", "forebay:{cache:users:" + CacheKeys.shard("user:1") + "}:value:user:1");

        await().atMost(5, TimeUnit.SECONDS).until(() -> cut.peekNear("user:1") == null);
    }

    @Test
    void while_Redis_is_away_values_are_loaded_and_nothing_near_is_served() {
        open(Hearing.PUBLISH_SUBSCRIBE, NEVER, LoadPolicy.DEFAULT);
        makeNear(cut);
        server.kill();
        await().until(() -> !cut.isNear());

        assertThat(cut.get("user:1")).isEmpty();
        assertThat(newest(cut)).contains("new");
        assertThat(cut.get("user:1", key -> "newer")).contains("newer"); // not stored
        assertThat(cut.stats().unavailable()).isEqualTo(3);
        assertThatThrownBy(() -> cut.invalidate("user:1"))
                .isInstanceOfSatisfying(
                        CacheUnavailableException.class,
                        e -> assertThat(e.retryable()).isTrue())
                .hasMessageContaining("cache 'users'");
        assertThatThrownBy(() -> cut.flush("a test")).isInstanceOf(CacheUnavailableException.class);
    }

    @Test
    void while_Redis_is_away_reads_fail_if_asked_to() {
        open(Hearing.PUBLISH_SUBSCRIBE, NEVER, LoadPolicy.DEFAULT.withWhenAway(LoadPolicy.WhenAway.FAIL));
        makeNear(cut);
        server.kill();
        await().until(() -> !cut.isNear());

        assertThatThrownBy(() -> newest(cut)).isInstanceOf(CacheUnavailableException.class);
        assertThatThrownBy(() -> cut.get("user:1")).isInstanceOf(CacheUnavailableException.class);
        assertThat(cut.stats().loads()).isEqualTo(1);
    }

    @Test
    void a_Redis_that_is_not_there_is_an_error_at_the_start() {
        server.kill();

        assertThatThrownBy(() -> cache(server.port(), Hearing.TRACKING, NEVER, LoadPolicy.DEFAULT))
                .isInstanceOf(CacheUnavailableException.class)
                .hasMessageContaining("cache 'users'")
                .hasMessageContaining("cannot be connected to");
        assertThatThrownBy(() -> RedisInvalidations.open(CacheSettings.of(RedisSettings.of(server.uri()), "users")))
                .isInstanceOf(CacheUnavailableException.class);
    }

    @Test
    void C2_a_Redis_that_was_killed_and_came_back_older_serves_nothing_of_it() {
        open(Hearing.PUBLISH_SUBSCRIBE, Duration.ofMillis(100), LoadPolicy.DEFAULT);
        makeNear(cut);
        server.command("SAVE");
        cut.invalidate("user:1");
        assertThat(newest(other)).contains("new");

        server.restart(); // on what was saved

        assertThat(server.command("KEYS", "*value:user:1")).isNotBlank().isNotEqualTo("(nil)");
        await().atMost(20, TimeUnit.SECONDS).until(() -> other.isNear() && cut.isNear());
        assertThat(newest(cut)).contains("new");
        assertThat(newest(other)).contains("new");
    }

    @Test
    void C2_a_Redis_that_became_the_primary_serves_nothing_from_before() {
        open(Hearing.PUBLISH_SUBSCRIBE, NEVER, LoadPolicy.DEFAULT);
        other.get("user:1", key -> "old");
        assertThat(cut.peekRedis("user:1")).isNotNull();

        server.command("REPLICAOF", "127.0.0.1", "1"); // of nothing
        server.command("REPLICAOF", "NO", "ONE");

        assertThat(cut.peekRedis("user:1")).isNull();
        await().until(() -> other.peekNear("user:1") == null); // told by the first who noticed
    }

    @Test
    void a_fill_that_began_before_a_failover_is_not_stored() {
        open(Hearing.PUBLISH_SUBSCRIBE, NEVER, LoadPolicy.DEFAULT);

        cut.get("user:1", key -> {
            server.command("REPLICAOF", "127.0.0.1", "1");
            server.command("REPLICAOF", "NO", "ONE");
            return "old";
        });

        assertThat(cut.stats().rejected()).isEqualTo(1);
        assertThat(cut.peekRedis("user:1")).isNull();
    }

    @Test
    void own_invalidations_count_at_once_even_if_Redis_is_away() {
        open(Hearing.PUBLISH_SUBSCRIBE, NEVER, LoadPolicy.DEFAULT);
        makeNear(cut);
        server.pause();
        try {
            assertThatThrownBy(() -> cut.invalidate(Set.of("user:1"), Set.of(), Set.of()))
                    .isInstanceOf(CacheUnavailableException.class)
                    .hasMessageContaining("did not answer within");
            assertThat(cut.peekNear("user:1")).isNull();
        } finally {
            server.resume();
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_rights_that_are_documented_are_enough(Hearing hearing) {
        String rights =
                "ping hello client info time eval evalsha get mget set del pttl pexpire hmget hset zadd zscore zmscore"
                        + " zremrangebyscore exists hget publish subscribe";
        String user = "user=cache on >secret ~forebay:* resetchannels &forebay:* -@all +" + rights.replace(" ", " +");
        try (RedisServer closed = RedisServer.create(user)) {
            CacheSettings settings =
                    CacheSettings.of(RedisSettings.of(closed.uri()).withUser("cache", () -> "secret"), "users");
            try (ConsistentCache<String> cache = ConsistentCache.builder(settings, CacheCodec.json(String.class))
                            .near(NearPolicy.DEFAULT.withHearing(hearing))
                            .open();
                    RedisInvalidations changes = RedisInvalidations.open(settings)) {
                await().until(cache::isNear);
                assertThat(cache.get("user:1", Set.of("team"), key -> "Ann")).contains("Ann");
                cache.invalidate(Set.of("user:1"), Set.of("team"), Set.of("user:"));
                cache.flush("a test");
                changes.refresh("user:2", "\"Bob\"".getBytes(StandardCharsets.UTF_8), 1)
                        .toCompletableFuture()
                        .join();
                assertThatThrownBy(() -> cache.get("user:3", key -> {
                            throw new IllegalStateException("no database");
                        }))
                        .isInstanceOf(IllegalStateException.class);
                assertThat(cache.stats().unavailable()).isZero();
            }
        }
    }

    private static String neighbourOf(String key) {
        for (int i = 2; ; i++) if (CacheKeys.shard("user:" + i) == CacheKeys.shard(key)) return "user:" + i;
    }
}
