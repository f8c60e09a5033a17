package io.forebay.redis.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.redis.RedisSettings;
import io.forebay.redis.internal.RedisLink;
import io.forebay.testservers.RedisServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What holds however near caches hear of invalidations, and whether Redis is one or a cluster. Two caches stand for two processes. */
abstract class ConsistentCacheContract {
    private static final AtomicInteger NAMES = new AtomicInteger();

    private final ConcurrentHashMap<String, String> database = new ConcurrentHashMap<>();
    private final AtomicInteger loads = new AtomicInteger();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private CacheSettings settings;
    private ConsistentCache<String> one;
    private ConsistentCache<String> other;

    abstract RedisServer server();

    abstract RedisSettings redis();

    abstract NearPolicy near();

    @BeforeEach
    void open() {
        settings = CacheSettings.of(redis(), "users" + NAMES.incrementAndGet()).withGrace(Duration.ZERO);
        one = cache(settings, LoadPolicy.DEFAULT);
        other = cache(settings, LoadPolicy.DEFAULT);
        soon().until(() -> one.isNear() && other.isNear());
    }

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable it : opened) it.close();
    }

    private ConsistentCache<String> cache(CacheSettings with, LoadPolicy loading) {
        return opened(ConsistentCache.builder(with, CacheCodec.json(String.class))
                .near(near())
                .loading(loading)
                .open());
    }

    private <T extends AutoCloseable> T opened(T it) {
        opened.add(it);
        return it;
    }

    private String load(String key) {
        loads.incrementAndGet();
        return database.get(key);
    }

    private static ConditionFactory soon() {
        return await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    private void isNear(ConsistentCache<String> cache, String key) {
        soon().until(() -> cache.get(key, this::load).isPresent() && cache.peekNear(key) != null);
    }

    @Test
    void a_value_is_loaded_once_for_all_processes() {
        database.put("user:1", "Ann");

        assertThat(one.get("user:1", this::load)).contains("Ann");
        assertThat(one.get("user:1", this::load)).contains("Ann");
        assertThat(other.get("user:1", this::load)).contains("Ann");
        assertThat(other.get("user:1")).contains("Ann");
        assertThat(loads).hasValue(1);
    }

    @Test
    void a_near_value_is_read_without_Redis() {
        database.put("user:1", "Ann");
        isNear(one, "user:1");

        soon().until(
                        () -> { // with tracking, word of the fill may still be on its way
                            long before = one.stats().nearHits();
                            for (int i = 0; i < 10; i++)
                                assertThat(one.get("user:1")).contains("Ann");
                            return one.stats().nearHits() == before + 10;
                        });
    }

    @Test
    void without_a_loader_nothing_is_loaded() {
        assertThat(one.get("user:1")).isEmpty();
        assertThat(one.stats().loads()).isZero();
        assertThat(one.get("user:1", key -> "Ann")).contains("Ann"); // the look left no lease
    }

    @Test
    void an_invalidation_reaches_Redis_before_it_returns_and_other_near_caches_soon() {
        database.put("user:1", "Ann");
        isNear(one, "user:1");
        isNear(other, "user:1");
        database.put("user:1", "Bob");

        one.invalidate("user:1");

        assertThat(one.get("user:1", this::load)).contains("Bob");
        soon().until(() -> other.get("user:1").equals(Optional.of("Bob")));
    }

    @Test
    void a_value_is_invalidated_by_its_tags() {
        one.get("user:1", Set.of("team:7", "all"), key -> "Ann");
        one.get("user:2", Set.of("all"), key -> "Bob");
        isNear(one, "user:1");
        isNear(other, "user:1");

        one.invalidate(Set.of(), Set.of("team:7"), Set.of());

        assertThat(one.get("user:1")).isEmpty();
        assertThat(one.get("user:2")).contains("Bob");
        soon().until(() -> other.get("user:1").isEmpty());
        assertThat(other.get("user:1", Set.of("team:7"), key -> "Ann 2")).contains("Ann 2");
        assertThat(one.get("user:1")).contains("Ann 2");
    }

    @Test
    void a_value_is_invalidated_by_prefixes_of_its_key() {
        for (String key : List.of("user:1:name", "user:1:photo", "user:12:name", "other")) database.put(key, "old");
        for (String key : database.keySet()) isNear(other, key);

        one.invalidate(Set.of(), Set.of(), Set.of("user:1:"));

        assertThat(one.get("user:1:name")).isEmpty();
        assertThat(one.get("user:1:photo")).isEmpty();
        assertThat(one.get("user:12:name")).contains("old");
        soon().until(() -> other.get("user:1:name").isEmpty());
        assertThat(other.get("other")).contains("old");
    }

    @Test
    void a_prefix_that_does_not_end_with_a_colon_invalidates_more() {
        one.get("user:1", key -> "Ann");
        one.get("team", key -> "Blue");
        one.invalidate(Set.of(), Set.of(), Set.of("user:1x"));
        assertThat(one.get("user:1")).isEmpty();
        assertThat(one.get("team")).contains("Blue");

        one.invalidate(Set.of(), Set.of(), Set.of("x"));

        assertThat(one.get("team")).isEmpty();
    }

    @Test
    void a_flush_makes_everything_stale_everywhere() {
        for (int i = 0; i < 50; i++) database.put("user:" + i, "old");
        for (String key : database.keySet()) isNear(other, key);

        one.flush("a test");

        assertThat(database.keySet()).allMatch(key -> one.get(key).isEmpty());
        soon().until(() ->
                database.keySet().stream().allMatch(key -> other.get(key).isEmpty()));
        database.replaceAll((key, old) -> "new");
        assertThat(one.get("user:1", this::load)).contains("new");
    }

    @Test
    void that_there_is_nothing_is_cached_too_and_invalidated() {
        assertThat(one.get("user:1", this::load)).isEmpty();
        assertThat(one.get("user:1", this::load)).isEmpty();
        assertThat(other.get("user:1", this::load)).isEmpty();
        assertThat(loads).hasValue(1);
        database.put("user:1", "Ann");

        one.invalidate("user:1");

        assertThat(one.get("user:1", this::load)).contains("Ann");
        soon().until(() -> other.get("user:1", this::load).isPresent());
    }

    @Test
    void C1_what_was_loaded_before_an_invalidation_is_not_stored_after_it() {
        loadedBefore(() -> other.invalidate("user:1"));
    }

    @Test
    void C1_what_was_loaded_before_its_tag_was_invalidated_is_not_stored_after_it() {
        loadedBefore(() -> other.invalidate(Set.of(), Set.of("team:7"), Set.of()));
    }

    @Test
    void C1_what_was_loaded_before_its_prefix_was_invalidated_is_not_stored_after_it() {
        loadedBefore(() -> other.invalidate(Set.of(), Set.of(), Set.of("user:")));
    }

    @Test
    void C1_what_was_loaded_before_a_flush_is_not_stored_after_it() {
        loadedBefore(() -> other.flush("a test"));
    }

    @Test
    void C1_what_was_loaded_before_a_refresh_does_not_take_its_place() {
        RedisInvalidations changes = opened(RedisInvalidations.open(settings));
        loadedBefore(() ->
                changes.refresh("user:1", json("new"), 1).toCompletableFuture().join());
    }

    private void loadedBefore(Runnable invalidation) {
        database.put("user:1", "old");
        String read = one.get("user:1", Set.of("team:7"), key -> {
                    String old = load(key);
                    database.put("user:1", "new");
                    invalidation.run();
                    return old;
                })
                .orElseThrow();

        assertThat(read).isEqualTo("old"); // this read began before the change
        assertThat(one.get("user:1", this::load)).contains("new");
        assertThat(other.get("user:1", this::load)).contains("new");
        assertThat(one.stats().rejected()).isEqualTo(1);
    }

    @Test
    void a_read_that_begins_after_an_invalidation_does_not_join_a_load_from_before_it() throws Exception {
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Optional<String>> early = CompletableFuture.supplyAsync(() -> one.get("user:1", key -> {
            loading.countDown();
            awaitLatch(goOn);
            return "old";
        }));
        loading.await();

        one.invalidate("user:1");

        assertThat(one.get("user:1", key -> "new")).contains("new");
        goOn.countDown();
        assertThat(early.get(10, TimeUnit.SECONDS)).contains("old");
        assertThat(one.get("user:1")).contains("new");
    }

    @Test
    void threads_share_one_load() throws Exception {
        Phaser together = new Phaser(8);
        List<CompletableFuture<Optional<String>>> reads = new ArrayList<>();
        CountDownLatch goOn = new CountDownLatch(1);
        for (int i = 0; i < 8; i++)
            reads.add(inThread(() -> {
                together.arriveAndAwaitAdvance();
                return one.get("user:1", key -> {
                    loads.incrementAndGet();
                    awaitLatch(goOn);
                    return "Ann";
                });
            }));
        soon().until(() -> one.stats().joined() == 7);
        goOn.countDown();

        for (CompletableFuture<Optional<String>> read : reads)
            assertThat(read.get(10, TimeUnit.SECONDS)).contains("Ann");
        assertThat(loads).hasValue(1);
    }

    @Test
    void processes_share_one_load() throws Exception {
        CountDownLatch loading = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Optional<String>> first = inThread(() -> one.get("user:1", key -> {
            loading.countDown();
            awaitLatch(goOn);
            return "Ann";
        }));
        loading.await();
        ConsistentCache<String> patient = cache(settings, LoadPolicy.DEFAULT.withPatience(Duration.ofMinutes(1)));
        CompletableFuture<Optional<String>> second = inThread(() -> patient.get("user:1", this::load));
        goOn.countDown();

        assertThat(second.get(10, TimeUnit.SECONDS)).contains("Ann");
        assertThat(first.get(10, TimeUnit.SECONDS)).contains("Ann");
        assertThat(loads).hasValue(0);
    }

    @Test
    void who_has_waited_long_enough_loads_without_storing() throws Exception {
        database.put("user:1", "Ann");
        ConsistentCache<String> impatient = cache(settings, LoadPolicy.DEFAULT.withPatience(Duration.ofMillis(50)));
        one.get("user:1", key -> {
            assertThat(impatient.get("user:1", this::load)).contains("Ann");
            assertThat(impatient.stats().unstored()).isEqualTo(1);
            assertThat(impatient.get("user:1")).isEmpty();
            return "Ann";
        });

        assertThat(impatient.get("user:1")).contains("Ann");
    }

    @Test
    void a_loader_that_died_keeps_others_waiting_for_its_lease_only() {
        CacheStore dead = new CacheStore(opened(RedisLink.open(redis())), settings);
        CacheStore.await(dead.refresh("user:1", json("Eve"), 1)); // whose fence keeps the guard beyond the lease
        one.invalidate("user:1");
        assertThat(dead.find("user:1", Duration.ofMillis(300), settings.ttl())).isInstanceOf(Found.Load.class);
        database.put("user:1", "Ann");
        ConsistentCache<String> patient = cache(settings, LoadPolicy.DEFAULT.withPatience(Duration.ofMinutes(1)));

        assertThat(patient.get("user:1", this::load)).contains("Ann");

        assertThat(patient.stats().stored()).isEqualTo(1);
    }

    @Test
    void a_load_that_takes_longer_than_its_lease_is_not_stored() {
        ConsistentCache<String> slow = cache(settings, LoadPolicy.DEFAULT.withLease(Duration.ofMillis(50)));

        slow.get("user:1", key -> {
            soon().until(() -> server().command("EXISTS", guardKey("user:1")).equals("0"));
            return "late";
        });

        assertThat(slow.stats().rejected()).isEqualTo(1);
        assertThat(slow.get("user:1")).isEmpty();
    }

    @Test
    void what_a_loader_throws_is_thrown_to_all_who_wait_and_the_next_may_load() throws Exception {
        IllegalStateException failure = new IllegalStateException("no database");
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Optional<String>> leader = inThread(() -> one.get("user:1", key -> {
            awaitLatch(goOn);
            throw failure;
        }));
        soon().until(() -> one.stats().loads() == 1);
        CompletableFuture<Optional<String>> joined = inThread(() -> one.get("user:1", this::load));
        soon().until(() -> one.stats().joined() == 1);
        goOn.countDown();

        assertThatThrownBy(() -> leader.get(10, TimeUnit.SECONDS)).hasCause(failure);
        assertThatThrownBy(() -> joined.get(10, TimeUnit.SECONDS)).hasCause(failure);
        assertThat(other.get("user:1", key -> "Ann")).contains("Ann");
        assertThat(other.stats().stored()).isEqualTo(1);
        assertThat(one.stats().failedLoads()).isEqualTo(1);
    }

    @Test
    void a_loader_that_asks_for_its_own_key_is_told_so() {
        Function<String, String> selfish = key -> one.get(key, it -> "never").orElseThrow();

        assertThatThrownBy(() -> one.get("user:1", selfish))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("'user:1'");
        assertThat(one.get("user:1", key -> one.get("user:2", it -> "Bob").orElseThrow()))
                .contains("Bob");
    }

    @Test
    void a_value_ends_with_its_time_near_and_in_Redis() {
        ConsistentCache<String> brief =
                cache(settings.withTtl(Duration.ofMillis(300), Duration.ZERO), LoadPolicy.DEFAULT);
        soon().until(brief::isNear);
        brief.get("user:1", key -> "Ann");
        assertThat(brief.get("user:1")).contains("Ann");

        soon().until(() -> brief.get("user:1").isEmpty());
        assertThat(server().command("EXISTS", valueKey("user:1"))).isEqualTo("0");
    }

    @Test
    void what_is_stored_together_does_not_expire_together() {
        ConsistentCache<String> spread =
                cache(settings.withTtl(Duration.ofMinutes(10), Duration.ofMinutes(9)), LoadPolicy.DEFAULT);
        List<Long> left = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            spread.get("user:" + i, key -> "Ann");
            left.add(Long.parseLong(server().command("PTTL", valueKey("user:" + i))));
        }

        assertThat(left).allMatch(millis -> millis > 55_000 && millis <= 600_000);
        assertThat(left.stream().mapToLong(it -> it).max().orElseThrow()
                        - left.stream().mapToLong(it -> it).min().orElseThrow())
                .isGreaterThan(60_000);
    }

    @Test
    void within_the_grace_after_an_invalidation_nothing_is_stored() {
        CacheSettings lagging = settings.withGrace(Duration.ofMillis(400));
        ConsistentCache<String> cache = cache(lagging, LoadPolicy.DEFAULT);
        cache.invalidate(Set.of("user:1"), Set.of("team:7"), Set.of());

        assertThat(cache.get("user:1", key -> "old, from a replica")).contains("old, from a replica");
        assertThat(cache.get("user:2", Set.of("team:7"), key -> "old, from a replica"))
                .contains("old, from a replica");
        assertThat(cache.stats().stored()).isZero();

        soon().until(() ->
                cache.get("user:1", key -> "new") != null && cache.get("user:1").isPresent());
        assertThat(cache.get("user:1")).contains("new");
        soon().until(() -> cache.get("user:2", Set.of("team:7"), key -> "new") != null
                && cache.get("user:2").isPresent());
    }

    @Test
    void a_grace_that_Redis_dropped_still_holds() {
        ConsistentCache<String> cache = cache(settings.withGrace(Duration.ofSeconds(30)), LoadPolicy.DEFAULT);
        cache.invalidate("user:1");

        server().command("DEL", shard("user:1") + "quiet");

        assertThat(cache.get("user:1", key -> "old, from a replica")).contains("old, from a replica");
        assertThat(cache.stats().stored()).isZero();
    }

    @Test
    void a_refresh_stores_a_value_if_its_fence_is_greater() {
        RedisInvalidations changes = opened(RedisInvalidations.open(settings));
        isNearAfter(() -> one.get("user:1", Set.of("team:7"), key -> "loaded"));
        isNear(other, "user:1");

        refresh(changes, "user:1", "second", 2);
        assertThat(other.peekRedis("user:1")).isEqualTo(Known.of("second"));
        soon().until(() -> other.get("user:1").equals(Optional.of("second")));
        refresh(changes, "user:1", "first", 1);
        refresh(changes, "user:1", "second again", 2);
        assertThat(other.peekRedis("user:1")).isEqualTo(Known.of("second"));
        refresh(changes, "user:1", "before zero", -1);
        assertThat(other.peekRedis("user:1")).isEqualTo(Known.of("second"));

        one.invalidate(Set.of(), Set.of("team:7"), Set.of()); // the tags stay
        assertThat(other.peekRedis("user:1")).isNull();
        refresh(changes, "user:1", "first", 1); // the fence is still known
        assertThat(other.peekRedis("user:1")).isNull();
        refresh(changes, "user:1", "third", 3);
        assertThat(other.peekRedis("user:1")).isEqualTo(Known.of("third"));
    }

    /** A topic that was created again numbers its changes from 0; without this, what is loaded before one of them would stay. */
    @Test
    void fences_from_before_a_flush_do_not_count() {
        RedisInvalidations changes = opened(RedisInvalidations.open(settings));
        refresh(changes, "user:1", "before", 1_000);

        changes.flush("the topic is another one").toCompletableFuture().join();
        refresh(changes, "user:1", "after", 1);

        assertThat(other.peekRedis("user:1")).isEqualTo(Known.of("after"));
    }

    @Test
    void a_refresh_within_the_grace_stores_nothing() {
        CacheSettings lagging = settings.withGrace(Duration.ofMinutes(1));
        RedisInvalidations changes = opened(RedisInvalidations.open(lagging));
        changes.invalidate(Set.of("user:1"), Set.of(), Set.of())
                .toCompletableFuture()
                .join();

        refresh(changes, "user:1", "perhaps older", 1);

        assertThat(one.peekRedis("user:1")).isNull();
    }

    @Test
    void many_keys_at_once_are_invalidated() {
        Set<String> keys = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 100; i++) keys.add("user:" + i);
        for (String key : keys) one.get(key, it -> "old");
        for (int i = 0; i < 20_000; i++) keys.add("nobody:" + i);
        RedisInvalidations changes = opened(RedisInvalidations.open(settings));

        changes.invalidate(keys, Set.of(), Set.of()).toCompletableFuture().join();

        for (int i = 0; i < 100; i++) assertThat(one.peekRedis("user:" + i)).isNull();
    }

    @Test
    void C1_a_guard_that_Redis_dropped_rejects_the_fill() {
        one.get("user:1", key -> {
            server().command("DEL", guardKey(key));
            return "old";
        });

        assertThat(one.stats().rejected()).isEqualTo(1);
        assertThat(one.peekNear("user:1")).isNull();
        assertThat(other.get("user:1")).isEmpty();
    }

    @Test
    void C1_a_head_or_marks_that_Redis_dropped_make_everything_of_the_shard_stale() {
        for (String part : List.of("head", "marks")) {
            one.get("user:1", key -> "old");
            assertThat(one.peekRedis("user:1")).isNotNull();

            server().command("DEL", shard("user:1") + part);

            assertThat(one.peekRedis("user:1")).isNull();
            soon().until(() -> one.peekNear("user:1") == null);
            one.get("user:1", key -> {
                server().command("DEL", shard(key) + part);
                return "old";
            });
            assertThat(one.peekRedis("user:1")).isNull();
        }
    }

    @Test
    void what_the_codec_cannot_read_is_loaded_again() {
        ConsistentCache<Integer> numbers = opened(ConsistentCache.builder(settings, CacheCodec.json(Integer.class))
                .near(near())
                .open());
        one.get("user:1", key -> "no number");

        assertThat(numbers.get("user:1", key -> 7)).contains(7);
        assertThat(numbers.stats().unreadable()).isEqualTo(1);
        soon().until(() -> numbers.get("user:1", key -> 7).isPresent() && numbers.peekRedis("user:1") != null);
    }

    @Test
    void marks_are_let_go_when_nothing_as_old_can_live() {
        CacheSettings brief = settings.withTtl(Duration.ofMillis(50), Duration.ZERO);
        ConsistentCache<String> cache = cache(
                brief, LoadPolicy.DEFAULT.withLease(Duration.ofMillis(50)).withNegativeTtl(Duration.ofMillis(50)));
        cache.get("user:1", key -> "Ann");
        cache.invalidate(Set.of(), Set.of("a"), Set.of());

        soon().until(() -> {
            cache.invalidate(Set.of(), Set.of("b"), Set.of());
            return server().command("ZRANGE", shard("user:1") + "marks", "0", "-1")
                    .lines()
                    .noneMatch("t:a"::equals);
        });
    }

    @Test
    void wrong_keys_and_tags_are_refused() {
        assertThatThrownBy(() -> one.get("")).hasMessageContaining("a key must not be empty");
        assertThatThrownBy(() -> one.invalidate("")).hasMessageContaining("a key must not be empty");
        assertThatThrownBy(() -> one.get("a", Set.of(""), key -> "x")).hasMessageContaining("a tag must not be empty");
        Set<String> many = ConcurrentHashMap.newKeySet();
        for (int i = 0; i < 101; i++) many.add("tag" + i);
        assertThatThrownBy(() -> one.get("a", many, key -> "x")).hasMessageContaining("key 'a' has 101");
    }

    private void isNearAfter(Runnable read) {
        read.run();
        isNear(one, "user:1");
    }

    private static void refresh(RedisInvalidations changes, String key, String value, long fence) {
        changes.refresh(key, json(value), fence).toCompletableFuture().join();
    }

    private static byte[] json(String value) {
        return ('"' + value + '"').getBytes(StandardCharsets.UTF_8);
    }

    private String valueKey(String key) {
        return shard(key) + "value:" + key;
    }

    private String guardKey(String key) {
        return shard(key) + "guard:" + key;
    }

    private String shard(String key) {
        return "forebay:{cache:" + settings.name() + ":" + CacheKeys.shard(key) + "}:";
    }

    private static <T> CompletableFuture<T> inThread(Supplier<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                result.complete(work.get());
            } catch (Throwable e) {
                result.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return result;
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
