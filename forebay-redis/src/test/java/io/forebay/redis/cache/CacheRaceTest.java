package io.forebay.redis.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.redis.RedisSettings;
import io.forebay.redis.cache.NearPolicy.Hearing;
import io.forebay.testservers.RedisServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Fills race invalidations over near cache, Redis and loader, in two caches that know of each other by Redis alone. The claim: a
 * read of the process that has invalidated never returns less than what was written before; and when nobody writes any more,
 * no level of any process holds an old value.
 */
class CacheRaceTest {
    private static final long SEED = Long.getLong("forebay.seed", System.nanoTime());
    private static final int KEYS = 24;
    private static final int ROUND = 2_000;
    private static RedisServer server;

    private final AtomicLongArray database = new AtomicLongArray(KEYS);
    private final AtomicLong steps = new AtomicLong();
    private final AtomicReference<String> violation = new AtomicReference<>();

    @BeforeAll
    static void startServer() {
        server = RedisServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @ParameterizedTest
    @EnumSource
    void nothing_stale_stays(Hearing hearing) throws InterruptedException {
        race(hearing, 6_000);
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource
    void nothing_stale_stays_in_a_million_steps(Hearing hearing) throws InterruptedException {
        race(hearing, 1_000_000);
    }

    /** @param wanted loads and invalidations; reads that are answered by a cache are not counted */
    private void race(Hearing hearing, long wanted) throws InterruptedException {
        try (ConsistentCache<Long> one = open(hearing);
                ConsistentCache<Long> other = open(hearing)) {
            await().until(() -> one.isNear() && other.isNear());
            for (int round = 0; steps.get() < wanted; round++) {
                play(List.of(one, other, one, other), round);
                assertThat(violation.get()).as("seed %d, round %d", SEED, round).isNull();
                settled(one, round);
                settled(other, round);
            }
            assertThat(one.stats().rejected() + other.stats().rejected()).isPositive();
            assertThat(one.stats().nearHits()).isPositive();
            assertThat(one.stats().redisHits()).isPositive();
        }
    }

    private static ConsistentCache<Long> open(Hearing hearing) {
        CacheSettings settings = CacheSettings.of(RedisSettings.of(server.uri()), "race-" + hearing)
                .withTtl(Duration.ofHours(1), Duration.ZERO)
                .withGrace(Duration.ZERO);
        return ConsistentCache.builder(settings, CacheCodec.json(Long.class))
                .near(NearPolicy.DEFAULT
                        .withHearing(hearing)
                        .withTtl(Duration.ofHours(1))
                        .withHeartbeat(Duration.ofSeconds(10)))
                .loading(LoadPolicy.DEFAULT.withPatience(Duration.ofMillis(5)))
                .open();
    }

    private void play(List<ConsistentCache<Long>> caches, int round) throws InterruptedException {
        long end = steps.get() + ROUND;
        List<Thread> players = new ArrayList<>();
        for (int i = 0; i < caches.size(); i++) {
            ConsistentCache<Long> cache = caches.get(i);
            Random random = new Random(SEED + 1_000L * round + i);
            Thread player = new Thread(() -> {
                while (steps.get() < end && violation.get() == null) step(cache, random);
            });
            player.start();
            players.add(player);
        }
        for (Thread player : players) player.join(TimeUnit.MINUTES.toMillis(2));
    }

    private void step(ConsistentCache<Long> cache, Random random) {
        try {
            int key = random.nextInt(KEYS);
            if (random.nextInt(4) == 0) write(cache, key, random);
            else read(cache, key, random);
        } catch (RuntimeException e) {
            violation.compareAndSet(null, e.toString());
        }
    }

    private void write(ConsistentCache<Long> cache, int key, Random random) {
        long written = database.incrementAndGet(key);
        steps.incrementAndGet();
        int how = random.nextInt(100);
        if (how < 70) cache.invalidate(name(key));
        else if (how < 85) cache.invalidate(Set.of(), Set.of(tag(key)), Set.of());
        else if (how < 98) cache.invalidate(Set.of(), Set.of(), Set.of("key:" + key + ":"));
        else cache.flush("a race");
        long read = read(cache, key, random);
        if (read < written)
            violation.compareAndSet(
                    null, "key %d: read %d in the process that had invalidated %d".formatted(key, read, written));
    }

    private long read(ConsistentCache<Long> cache, int key, Random random) {
        int pause = random.nextInt(3);
        return cache.get(name(key), Set.of(tag(key)), it -> {
                    steps.incrementAndGet();
                    long value = database.get(key);
                    if (pause == 1) Thread.yield();
                    if (pause == 2) for (int i = 0; i < 2_000; i++) Thread.onSpinWait();
                    return value;
                })
                .orElseThrow();
    }

    /** Messages may still be on their way; what is stale after that stays so for an hour. */
    private void settled(ConsistentCache<Long> cache, int round) {
        await().atMost(5, TimeUnit.SECONDS).untilAsserted(() -> {
            for (int key = 0; key < KEYS; key++) {
                Known<Long> right = Known.of(database.get(key));
                assertThat(cache.peekRedis(name(key)))
                        .as("seed %d, round %d, Redis, key %d", SEED, round, key)
                        .isIn(null, right);
                assertThat(cache.peekNear(name(key)))
                        .as("seed %d, round %d, near, key %d", SEED, round, key)
                        .isIn(null, right);
            }
        });
    }

    private static String name(int key) {
        return "key:" + key + ":value";
    }

    private static String tag(int key) {
        return "group" + key % 3;
    }
}
