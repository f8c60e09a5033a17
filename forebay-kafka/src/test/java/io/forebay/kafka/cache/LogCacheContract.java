package io.forebay.kafka.cache;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.Serdes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a cache does, whatever its store, on a real Kafka. Names in brackets are the traps of other caches, see docs/log-cache.md. */
@Timeout(120)
abstract class LogCacheContract {
    static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private final List<LogCache<?, ?>> opened = new ArrayList<>();

    /** A store of the kind under test, the same for the same directory. */
    abstract CacheStore store(Path directory);

    @AfterEach
    void closeAll() {
        opened.forEach(LogCache::close);
    }

    LogCacheBuilder<String, String> builder(String topic) {
        return LogCache.builder(Serdes.String(), Serdes.String())
                .bootstrapServers(Broker.servers())
                .topic(topic)
                .store(store(folder.resolve("store")))
                .checkInterval(Duration.ofMillis(100));
    }

    <K, V> LogCache<K, V> opened(LogCacheBuilder<K, V> builder) {
        LogCache<K, V> cache = builder.build();
        opened.add(cache);
        return cache;
    }

    <K, V> LogCache<K, V> ready(LogCacheBuilder<K, V> builder) {
        LogCache<K, V> cache = opened(builder);
        cache.awaitReady(Duration.ofSeconds(30));
        return cache;
    }

    /** A cache of the same topic built from nothing. */
    Map<String, String> fresh(LogCacheBuilder<String, String> builder) {
        try (LogCache<String, String> cache =
                ready(builder.store(store(folder.resolve("fresh-" + System.nanoTime()))))) {
            return contents(cache);
        }
    }

    static <K, V> Map<K, V> contents(LogCache<K, V> cache) {
        Map<K, V> all = new LinkedHashMap<>();
        cache.entries().forEach(entry -> all.put(entry.key(), entry.value()));
        return all;
    }

    // ---- reading

    @Test
    void it_holds_the_newest_value_of_every_key_of_all_partitions() {
        String topic = Broker.topic(3);
        Map<String, String> newest = new TreeMap<>();
        for (int i = 0; i < 300; i++) {
            String key = "key-%03d".formatted(i % 100);
            Broker.send(topic, key, "value-" + i);
            newest.put(key, "value-" + i);
        }

        LogCache<String, String> cache = ready(builder(topic));

        assertThat(contents(cache)).containsExactlyEntriesOf(newest);
        assertThat(cache.get("key-042")).contains("value-242");
        assertThat(cache.get("nothing")).isEmpty();
    }

    @Test
    void a_versioned_value_names_its_record() {
        String topic = Broker.topic(1);
        Broker.send(topic, "other", "x");
        Broker.send(new ProducerRecord<>(topic, 0, 1_700_000_000_123L, Broker.bytes("key"), Broker.bytes("value")));

        Optional<Versioned<String>> found = ready(builder(topic)).getVersioned("key");

        assertThat(found)
                .contains(new Versioned<>("value", new LogPosition(0, 1), Instant.ofEpochMilli(1_700_000_000_123L)));
    }

    @Test
    void ranges_and_prefixes_are_in_the_order_of_bytes() {
        String topic = Broker.topic(2);
        for (String key : List.of("user:2", "user:1", "user:10", "useß", "session:1", "user;", "user:\uD83D\uDE00"))
            Broker.send(topic, key, "of " + key);

        LogCache<String, String> cache = ready(builder(topic));

        assertThat(cache.prefix("user:").map(CacheEntry::key))
                .containsExactly("user:1", "user:10", "user:2", "user:\uD83D\uDE00");
        assertThat(cache.range("session:1", "user:2").map(CacheEntry::key))
                .containsExactly("session:1", "user:1", "user:10");
        assertThat(cache.range("user:2", "user:1")).isEmpty();
        assertThat(cache.prefix("")).hasSize(7);
    }

    @Test
    void a_range_longer_than_a_page_is_whole_and_in_order_while_the_topic_goes_on() {
        String topic = Broker.topic(1);
        List<ProducerRecord<byte[], byte[]>> records = IntStream.range(0, 3 * Pages.SIZE + 7)
                .mapToObj(i -> new ProducerRecord<>(topic, Broker.bytes("%05d".formatted(i)), Broker.bytes("v")))
                .toList();
        Broker.sendAll(records);
        LogCache<String, String> cache = ready(builder(topic));

        List<String> keys = new ArrayList<>();
        cache.entries().forEach(entry -> {
            keys.add(entry.key());
            if (keys.size() == Pages.SIZE) cache.awaitPosition(Broker.send(topic, "00000", null), TEN_SECONDS);
        });

        assertThat(keys).hasSize(3 * Pages.SIZE + 7).isSorted();
        assertThat(cache.entries().findFirst().orElseThrow().key()).isEqualTo("00001");
    }

    @Test
    void the_order_follows_what_comes_and_goes_later() {
        String topic = Broker.topic(1);
        Broker.send(topic, "b", "1");
        LogCache<String, String> cache = ready(builder(topic));
        assertThat(contents(cache)).containsOnlyKeys("b"); // from here on a store in memory keeps an order

        Broker.send(topic, "a", "2");
        Broker.send(topic, "c", "3");
        cache.awaitPosition(Broker.send(topic, "b", null), TEN_SECONDS);

        assertThat(contents(cache).keySet()).containsExactly("a", "c");
    }

    @Test
    void a_read_before_it_is_ready_is_refused_and_not_answered_with_nothing() throws Exception {
        String topic = Broker.topic(1);
        Broker.send(topic, "key", "value");
        CountDownLatch let = new CountDownLatch(1);
        LogCache<String, String> cache = opened(builder(topic).resolver(record -> {
            awaitQuietly(let);
            return List.of(Change.put(record.key(), record.value()));
        }));

        assertThatThrownBy(() -> cache.get("key"))
                .isInstanceOf(CacheNotReadyException.class)
                .hasMessageContaining(topic);
        assertThat(cache.isReady()).isFalse();
        await().untilAsserted(() -> assertThatThrownBy(() -> cache.awaitReady(Duration.ofMillis(300)))
                .isInstanceOf(CacheNotReadyException.class)
                .hasMessageContaining("partition 0 at 0 of 1"));
        let.countDown();

        cache.onReady().get(30, SECONDS);
        assertThat(cache.get("key")).contains("value");
    }

    // ---- being ready

    @Test
    void an_empty_topic_is_ready_at_once() {
        assertThat(contents(ready(builder(Broker.topic(4))))).isEmpty();
    }

    @Test // [readiness by the offset of the last record: never ready when low == high > 0]
    void a_topic_emptied_by_retention_is_ready() {
        String topic = Broker.topic(1, "cleanup.policy=delete");
        for (int i = 0; i < 5; i++) Broker.send(topic, "key", "value");
        Broker.deleteRecords(topic, 5);

        assertThat(contents(ready(builder(topic)))).isEmpty();
    }

    @Test // [KAFKA-12951: the end of the topic is a transaction's marker, at which no record ever arrives]
    void transaction_markers_at_the_end_do_not_hang_it() {
        String topic = Broker.topic(1);
        Broker.transaction(topic, true, "a", "1", "b", "2");

        assertThat(contents(ready(builder(topic)))).containsOnly(Map.entry("a", "1"), Map.entry("b", "2"));
    }

    @Test // [KAFKA-6782: aborted records in the cache]
    void aborted_records_are_not_seen_and_do_not_hang_it() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        Broker.transaction(topic, false, "a", "aborted", "b", "aborted");

        assertThat(contents(ready(builder(topic)))).containsOnly(Map.entry("a", "1"));
    }

    @Test
    void uncommitted_reads_see_aborted_records_if_asked_for() {
        String topic = Broker.topic(1);
        Broker.transaction(topic, false, "a", "aborted");

        assertThat(contents(ready(builder(topic).isolation(IsolationLevel.READ_UNCOMMITTED))))
                .containsEntry("a", "aborted");
    }

    @Test
    void a_transaction_that_stays_open_does_not_hang_it() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        try (var producer = Broker.producer(Map.of("transactional.id", "open-" + topic))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, Broker.bytes("b"), Broker.bytes("2")));
            producer.flush();

            LogCache<String, String> cache = ready(builder(topic));
            assertThat(contents(cache)).containsOnlyKeys("a");

            producer.commitTransaction();
            await().until(() -> cache.get("b").isPresent());
        }
    }

    @Test // [streamiz #421: the first offset is not 0; #107: gaps of compaction]
    void a_compacted_topic_with_gaps_is_ready_and_equal() {
        String topic = Broker.topic(
                1,
                "segment.bytes=1048576",
                "segment.ms=200",
                "min.cleanable.dirty.ratio=0.001",
                "max.compaction.lag.ms=300");
        LogCache<String, String> running = ready(builder(topic));
        for (int i = 0; i < 50; i++) Broker.send(topic, "key-" + i % 5, "value-" + i);
        Broker.send(topic, "key-4", null);
        Broker.compact(topic, () -> recordsOf(topic) < 20);

        running.awaitPosition(Broker.send(topic, "end", "end"), TEN_SECONDS);

        assertThat(fresh(builder(topic))).isEqualTo(contents(running)).containsEntry("key-3", "value-48");
    }

    private long recordsOf(String topic) {
        try (LogCache<String, String> cache = ready(builder(topic).store(CacheStore.memory()))) {
            LogCacheStats stats = cache.stats();
            return stats.applied() + stats.deleted();
        }
    }

    // ---- positions

    @Test
    void a_write_is_seen_once_its_position_is_reached() throws Exception {
        String topic = Broker.topic(3);
        LogCache<String, String> cache = ready(builder(topic).readOnly(false));

        for (int i = 0; i < 50; i++) {
            LogPosition position = cache.put("key-" + i % 7, "value-" + i).get(10, SECONDS);
            cache.awaitPosition(position, TEN_SECONDS);
            assertThat(cache.get("key-" + i % 7)).contains("value-" + i);
        }
        cache.awaitPosition(cache.delete("key-0").get(10, SECONDS), TEN_SECONDS);
        assertThat(cache.get("key-0")).isEmpty();
        assertThat(cache.stats().puts()).isEqualTo(51);
        assertThat(cache.stats().waits()).isEqualTo(51);
    }

    @Test // [waking only at exactly the awaited offset: a marker, a gap or a skipped record never wakes]
    void a_position_at_which_no_record_arrives_is_reached() {
        String topic = Broker.topic(1, "cleanup.policy=delete"); // a compacted one takes no record without a key
        LogCache<String, String> cache = ready(builder(topic));

        Broker.transaction(topic, true, "a", "1");
        cache.awaitPosition(new LogPosition(0, 1), TEN_SECONDS); // the marker
        Broker.transaction(topic, false, "a", "aborted");
        cache.awaitPosition(new LogPosition(0, 3), TEN_SECONDS); // its marker
        cache.awaitPosition(Broker.send(topic, null, "no key"), TEN_SECONDS);
        cache.awaitPosition(new LogPosition(0, 0), TEN_SECONDS); // passed long ago

        assertThat(contents(cache)).containsOnly(Map.entry("a", "1"));
    }

    @Test
    void a_position_may_be_awaited_before_the_cache_is_ready() throws Exception {
        String topic = Broker.topic(1);
        LogPosition position = Broker.send(topic, "a", "1");
        LogCache<String, String> cache = opened(builder(topic));

        cache.awaitPosition(position, TEN_SECONDS);

        assertThat(cache.get("a")).contains("1");
    }

    @Test // [schema-registry #174, #316: "one short" with no reason]
    void a_position_that_is_not_reached_in_time_is_an_error_that_says_how_far_it_is() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        LogCache<String, String> cache = ready(builder(topic));
        await().until(() -> !cache.stats().lag().isEmpty());

        assertThatThrownBy(() -> cache.awaitPosition(new LogPosition(0, 1), Duration.ofMillis(100)))
                .isInstanceOf(PositionTimeoutException.class)
                .hasMessageContaining("partition 0 did not pass offset 1")
                .hasMessageContaining("partition 0 at 1 of 1")
                .hasMessageContaining("reader thread alive");
        assertThat(cache.stats().waitTimeouts()).isEqualTo(1);
        assertThat(cache.stats().waiters()).isZero();
    }

    @Test // [schema-registry #843, KafkaStore: a skipped record does not move the position, its waiter times out]
    void a_bad_record_is_skipped_counted_and_passed() {
        String topic = Broker.topic(1);
        Broker.send(topic, "1", "a");
        Broker.send(topic, "2", "b");
        LogCache<String, Integer> cache = ready(ofNumbers(topic));

        assertThat(contents(cache)).isEmpty();
        cache.awaitPosition(send(topic, "3", 33), TEN_SECONDS);
        cache.awaitPosition(Broker.send(topic, "4", "x"), TEN_SECONDS);
        cache.awaitPosition(send(topic, "5", 55), TEN_SECONDS);

        assertThat(contents(cache)).containsOnly(Map.entry("3", 33), Map.entry("5", 55));
        assertThat(cache.stats().poison()).isEqualTo(3);
        assertThat(cache.stats().applied()).isEqualTo(2);
    }

    private LogCacheBuilder<String, Integer> ofNumbers(String topic) {
        return LogCache.builder(Serdes.String(), Serdes.Integer())
                .bootstrapServers(Broker.servers())
                .topic(topic)
                .checkInterval(Duration.ofMillis(100))
                .store(store(folder.resolve("numbers")));
    }

    private static LogPosition send(String topic, String key, int value) {
        return Broker.send(new ProducerRecord<>(
                topic, Broker.bytes(key), Serdes.Integer().serializer().serialize(topic, value)));
    }

    // ---- deletions, keys, values

    @Test
    void a_deletion_removes_the_key_before_ready_and_after() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        Broker.send(topic, "b", "2");
        Broker.send(topic, "a", null);
        LogCache<String, String> cache = ready(builder(topic));
        assertThat(contents(cache)).containsOnlyKeys("b");

        cache.awaitPosition(Broker.send(topic, "b", null), TEN_SECONDS);

        assertThat(cache.get("b")).isEmpty();
        assertThat(contents(cache)).isEmpty();
        assertThat(cache.stats().deleted()).isEqualTo(2);
    }

    @Test
    void records_without_a_key_are_counted_and_passed_over() {
        String topic = Broker.topic(1, "cleanup.policy=delete");
        Broker.send(topic, null, "x");
        Broker.send(topic, "a", "1");

        LogCache<String, String> cache = ready(builder(topic));

        assertThat(contents(cache)).containsOnlyKeys("a");
        assertThat(cache.stats().nullKeys()).isEqualTo(1);
    }

    @Test // [ExtractNewRecordState writes the text null for a deletion]
    void the_text_null_is_a_value_unless_it_is_to_delete() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        Broker.send(topic, "a", "null");

        assertThat(fresh(builder(topic))).containsEntry("a", "null");
        assertThat(fresh(builder(topic).nullTextDeletes(true))).isEmpty();
    }

    @Test
    void a_bad_record_removes_what_its_key_held_as_compaction_will() {
        String topic = Broker.topic(1);
        send(topic, "a", 1);
        LogCache<String, Integer> cache = ready(ofNumbers(topic));
        assertThat(cache.get("a")).contains(1);

        cache.awaitPosition(Broker.send(topic, "a", "no number"), TEN_SECONDS);

        assertThat(cache.get("a")).isEmpty();
    }

    @Test
    void keys_of_json_are_found_in_whatever_spelling_they_were_written() {
        String topic = Broker.topic(1);
        record Id(String shop, int item) {}
        Broker.send(topic, "{\"shop\": \"x\",  \"item\": 1}", "{\"n\": 1}");
        Broker.send(topic, "{\"item\":2, \"shop\":\"x\"}", "{\"n\": 2}");

        LogCache<Id, com.fasterxml.jackson.databind.JsonNode> cache =
                ready(LogCache.builder(JsonSerdes.of(Id.class), JsonSerdes.tree())
                        .bootstrapServers(Broker.servers())
                        .topic(topic)
                        .store(store(folder.resolve("json"))));

        assertThat(cache.get(new Id("x", 2)).orElseThrow().get("n").intValue()).isEqualTo(2);
        assertThat(contents(cache)).hasSize(2);
        cache.awaitPosition(Broker.send(topic, "{\"item\":2, \"shop\":\"x\"}", null), TEN_SECONDS);
        assertThat(cache.get(new Id("x", 2))).isEmpty();
    }

    @Test
    void values_compressed_with_gzip_are_read_beside_plain_ones() throws Exception {
        String topic = Broker.topic(1);
        Broker.send(topic, "plain", "text");
        LogCache<String, String> cache = ready(LogCache.builder(Serdes.String(), GzipSerde.around(Serdes.String()))
                .bootstrapServers(Broker.servers())
                .topic(topic)
                .readOnly(false)
                .store(store(folder.resolve("gzip"))));

        cache.awaitPosition(cache.put("long", "ab".repeat(10_000)).get(10, SECONDS), TEN_SECONDS);

        assertThat(contents(cache)).containsOnly(Map.entry("plain", "text"), Map.entry("long", "ab".repeat(10_000)));
        assertThat(fresh(builder(topic)).get("long").length()).isLessThan(1_000);
    }

    // ---- resolver and validators

    @Test // [KAFKA-7663, KAFKA-8037: transformation and error handling that differ between restore and live]
    void resolver_and_validators_do_the_same_during_bootstrap_and_live() {
        String topic = Broker.topic(2);
        LogCache<String, String> live = ready(resolved(topic));
        for (int i = 0; i < 200; i++)
            Broker.send(
                    topic,
                    "source-" + i % 17,
                    switch (i % 5) {
                        case 0 -> "skip";
                        case 1 -> "bad";
                        case 2 -> null;
                        case 3 -> "invalid change";
                        default -> "x" + i % 3 + ",y" + i % 4 + ",-z" + i % 2;
                    });
        awaitEnd(live, topic, 2);

        try (LogCache<String, String> booted = ready(resolved(topic).store(store(folder.resolve("booted"))))) {
            assertThat(contents(booted)).isEqualTo(contents(live)).isNotEmpty();
            LogCacheStats one = booted.stats();
            LogCacheStats other = live.stats();
            assertThat(one.applied()).isEqualTo(other.applied());
            assertThat(one.skipped()).isEqualTo(other.skipped()).isPositive();
            assertThat(one.rejected()).isEqualTo(other.rejected()).isPositive();
            assertThat(one.deleted()).isEqualTo(other.deleted()).isPositive();
        }
    }

    private static void awaitEnd(LogCache<String, String> cache, String topic, int partitions) {
        for (int partition = 0; partition < partitions; partition++)
            cache.awaitPosition(Broker.send(topic, partition, "end-" + partition, "skip"), TEN_SECONDS);
    }

    /** Puts each word of a value as a key, or deletes it if it begins with a minus. */
    private LogCacheBuilder<String, String> resolved(String topic) {
        return builder(topic)
                .validateRecords((key, value) -> value.equals("bad") ? Optional.of("it is bad") : Optional.empty())
                .validateChanges(
                        (key, value) -> key.equals("invalid change") ? Optional.of("it is invalid") : Optional.empty())
                .resolver(record -> {
                    if (record.value().equals("skip")) return Change.skip();
                    List<Change<String, String>> changes = new ArrayList<>();
                    for (String word : record.value().split(","))
                        changes.add(
                                word.startsWith("-")
                                        ? Change.delete(word.substring(1))
                                        : Change.put(word, record.key()));
                    return changes;
                });
    }

    @Test // [derived keys that no record names any more stay for ever]
    void a_derived_key_goes_with_the_record_that_made_it() {
        String topic = Broker.topic(1);
        Broker.send(topic, "s", "a,b,c");
        LogCache<String, String> cache = ready(resolved(topic));
        assertThat(contents(cache)).containsOnlyKeys("a", "b", "c");

        cache.awaitPosition(Broker.send(topic, "s", "b,d"), TEN_SECONDS);
        assertThat(contents(cache)).containsOnlyKeys("b", "d");

        cache.awaitPosition(Broker.send(topic, "s", "bad"), TEN_SECONDS);
        assertThat(contents(cache)).isEmpty();

        cache.awaitPosition(Broker.send(topic, "s", "e,f"), TEN_SECONDS);
        cache.awaitPosition(Broker.send(topic, "s", null), TEN_SECONDS);
        assertThat(contents(cache)).isEmpty();
    }

    @Test
    void of_two_records_that_put_one_key_the_newer_is_seen_and_the_older_comes_back_when_it_goes() {
        String topic = Broker.topic(1);
        LogCache<String, String> cache = ready(resolved(topic));
        Broker.send(at(topic, 1000, "s1", "k"));
        cache.awaitPosition(Broker.send(at(topic, 2000, "s2", "k")), TEN_SECONDS);
        assertThat(cache.get("k")).contains("s2");

        cache.awaitPosition(Broker.send(at(topic, 3000, "s3", "-k")), TEN_SECONDS);
        assertThat(cache.get("k")).isEmpty();

        cache.awaitPosition(Broker.send(at(topic, 4000, "s3", null)), TEN_SECONDS);
        assertThat(cache.get("k")).contains("s2");
        cache.awaitPosition(Broker.send(at(topic, 5000, "s2", null)), TEN_SECONDS);
        assertThat(cache.get("k")).contains("s1");
        assertThat(fresh(resolved(topic))).isEqualTo(contents(cache));
    }

    private static ProducerRecord<byte[], byte[]> at(String topic, long millis, String key, String value) {
        return new ProducerRecord<>(topic, 0, millis, Broker.bytes(key), Broker.bytes(value));
    }

    @Test // [schema-registry #843: an exception in the handler kills the reading thread]
    void a_resolver_or_validator_that_throws_makes_a_bad_record_and_nothing_else() {
        String topic = Broker.topic(1);
        LogCache<String, String> cache = ready(builder(topic)
                .validateRecords((key, value) -> {
                    if (value.equals("validator")) throw new IllegalStateException("on purpose");
                    return Optional.empty();
                })
                .resolver(record -> {
                    if (record.value().equals("resolver")) throw new NullPointerException("on purpose");
                    if (record.value().equals("twice")) return List.of(Change.put("k", "1"), Change.put("k", "2"));
                    return List.of(Change.put(record.key(), record.value()));
                }));

        for (String value : List.of("validator", "resolver", "twice", "fine"))
            cache.awaitPosition(Broker.send(topic, "of " + value, value), TEN_SECONDS);

        assertThat(contents(cache)).containsOnlyKeys("of fine");
        assertThat(cache.stats().poison()).isEqualTo(3);
        assertThat(cache.isReady()).isTrue();
    }

    @Test
    void bad_records_go_to_the_topic_for_them_with_where_they_came_from() {
        String topic = Broker.topic(1);
        String letters = Broker.topic(1);
        Broker.send(topic, "a", "bad");
        Broker.send(topic, "b", "fine");

        LogCache<String, String> cache = ready(builder(topic)
                .validateRecords((key, value) -> value.equals("bad") ? Optional.of("it is bad") : Optional.empty())
                .badRecords(BadRecords.deadLetter(letters)));

        AtomicReference<LogRecord<String, String>> seen = new AtomicReference<>();
        assertThat(fresh(builder(letters).resolver(record -> {
                    seen.set(record);
                    return Change.skip();
                })))
                .isEmpty();
        assertThat(seen.get().value()).isEqualTo("bad");
        assertThat(header(seen.get(), "forebay.topic")).isEqualTo(topic);
        assertThat(header(seen.get(), "forebay.partition")).isEqualTo("0");
        assertThat(header(seen.get(), "forebay.offset")).isEqualTo("0");
        assertThat(header(seen.get(), "forebay.reason")).contains("it is bad");
        assertThat(cache.stats().deadLetters()).isEqualTo(1);
        assertThat(contents(cache)).containsOnlyKeys("b");
    }

    private static String header(LogRecord<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void a_missing_topic_for_dead_letters_is_said_at_the_start() {
        LogCache<String, String> cache = opened(builder(Broker.topic(1)).badRecords(BadRecords.deadLetter("nowhere")));

        assertThatThrownBy(() -> cache.awaitReady(TEN_SECONDS))
                .isInstanceOf(CacheStoppedException.class)
                .hasMessageContaining("'nowhere', does not exist");
    }

    @Test
    void a_bad_record_ends_the_cache_if_asked_and_what_came_before_it_can_be_read() {
        String topic = Broker.topic(1);
        LogCache<String, String> cache = ready(builder(topic)
                .validateRecords((key, value) -> value.equals("bad") ? Optional.of("it is bad") : Optional.empty())
                .badRecords(BadRecords.fail()));
        LogPosition good = Broker.send(topic, "a", "1");
        LogPosition bad = Broker.send(topic, "a", "bad");

        assertThatThrownBy(() -> cache.awaitPosition(bad, TEN_SECONDS))
                .isInstanceOf(CacheStoppedException.class)
                .hasMessageContaining("partition 0, offset 1")
                .hasMessageContaining("it is bad");

        cache.awaitPosition(good, TEN_SECONDS);
        assertThat(cache.state()).isEqualTo(LogCacheState.FAILED);
        assertThat(cache.get("a")).contains("1");
        assertThatThrownBy(() -> cache.onReady().get(1, SECONDS)).hasCauseInstanceOf(CacheStoppedException.class);
    }

    // ---- writes

    @Test // [kcache PR #65: read-only as the default]
    void a_write_to_a_read_only_cache_is_refused_at_once() {
        LogCache<String, String> cache = ready(builder(Broker.topic(1)));

        assertThatThrownBy(() -> cache.put("a", "1"))
                .isInstanceOf(ReadOnlyCacheException.class)
                .hasMessageContaining("readOnly(false)");
        assertThatThrownBy(() -> cache.delete("a")).isInstanceOf(ReadOnlyCacheException.class);
    }

    @Test
    void a_message_that_is_too_large_is_the_callers_error_and_harms_nothing_else() throws Exception {
        LogCache<String, String> cache = ready(builder(Broker.topic(1)).readOnly(false));

        CompletableFuture<LogPosition> large = cache.put("a", "x".repeat(2 << 20));

        assertThatThrownBy(() -> large.get(10, SECONDS))
                .hasCauseInstanceOf(CacheWriteException.class)
                .hasMessageContaining("max.request.size");
        cache.awaitPosition(cache.put("a", "1").get(10, SECONDS), TEN_SECONDS);
        assertThat(cache.stats().putErrors()).isEqualTo(1);
    }

    @Test
    void writes_are_validated_if_asked() throws Exception {
        LogCache<String, String> cache = ready(builder(Broker.topic(1))
                .readOnly(false)
                .validateWrites((key, value) -> value.isEmpty() ? Optional.of("it is empty") : Optional.empty()));

        assertThatThrownBy(() -> cache.put("a", ""))
                .isInstanceOf(InvalidWriteException.class)
                .hasMessageContaining("it is empty");
        cache.awaitPosition(cache.put("a", "1").get(10, SECONDS), TEN_SECONDS);
        assertThat(cache.get("a")).contains("1");
    }

    // ---- listeners

    @Test
    void listeners_hear_of_changes_after_ready_and_of_all_if_asked() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "0");
        Broker.send(topic, "a", "1");
        List<String> all = new CopyOnWriteArrayList<>();
        List<String> live = new CopyOnWriteArrayList<>();
        LogCache<String, String> cache = ready(builder(topic)
                .listenerFromStart((key, now) ->
                        all.add(key + "=" + now.map(Versioned::value).orElse("-")))
                .listener((key, now) ->
                        live.add(key + "=" + now.map(Versioned::value).orElse("-"))));

        Broker.send(topic, "a", "2");
        Broker.send(topic, "b", null); // was not there: no change
        Broker.send(topic, "a", null);

        await().untilAsserted(() -> assertThat(live).containsExactly("a=2", "a=-"));
        assertThat(all).containsExactly("a=0", "a=1", "a=2", "a=-");
    }

    @Test
    void a_listener_sees_the_change_it_hears_of_in_the_cache() {
        String topic = Broker.topic(1);
        LogCache<String, String> cache = ready(builder(topic));
        List<Optional<String>> read = new CopyOnWriteArrayList<>();
        cache.onChange((key, now) -> {
            cache.awaitPosition(now.orElseThrow().position(), Duration.ZERO);
            read.add(cache.get(key));
        });

        Broker.send(topic, "a", "1");

        await().untilAsserted(() -> assertThat(read).containsExactly(Optional.of("1")));
    }

    @Test
    void a_listener_that_throws_harms_nobody() {
        String topic = Broker.topic(1);
        LogCache<String, String> cache = ready(builder(topic));
        List<String> heard = new CopyOnWriteArrayList<>();
        cache.onChange((key, now) -> {
            throw new IllegalStateException("on purpose");
        });
        LogCache.Registration second = cache.onChange((key, now) -> heard.add(key));

        cache.awaitPosition(Broker.send(topic, "a", "1"), TEN_SECONDS);
        cache.awaitPosition(Broker.send(topic, "b", "1"), TEN_SECONDS);
        await().untilAsserted(() -> assertThat(heard).containsExactly("a", "b"));
        second.close();
        cache.awaitPosition(Broker.send(topic, "c", "1"), TEN_SECONDS);

        await().until(() -> cache.stats().listenerErrors() == 3);
        assertThat(heard).containsExactly("a", "b");
    }

    // ---- starts

    @Test
    void it_starts_at_an_offset_or_a_time() {
        String topic = Broker.topic(1, "cleanup.policy=compact,delete", "retention.ms=-1");
        for (int i = 0; i < 5; i++) Broker.send(at(topic, 1000L * (i + 1), "key-" + i, "v"));

        assertThat(fresh(builder(topic).startFrom(StartFrom.offset(3)))).containsOnlyKeys("key-3", "key-4");
        assertThat(fresh(builder(topic).startFrom(StartFrom.offsets(Map.of(0, 4L)))))
                .containsOnlyKeys("key-4");
        assertThat(fresh(builder(topic).startFrom(StartFrom.timestamp(Instant.ofEpochMilli(2_500)))))
                .containsOnlyKeys("key-2", "key-3", "key-4");
        assertThat(fresh(builder(topic).startFrom(StartFrom.timestamp(Instant.ofEpochMilli(9_000)))))
                .isEmpty();

        Broker.deleteRecords(topic, 2);
        assertThat(fresh(builder(topic).startFrom(StartFrom.offset(1)))).hasSize(3);
    }

    @Test
    void a_start_behind_the_end_is_a_clear_error() {
        LogCache<String, String> cache = opened(builder(Broker.topic(1)).startFrom(StartFrom.offset(7)));

        assertThatThrownBy(() -> cache.awaitReady(TEN_SECONDS))
                .isInstanceOf(CacheStoppedException.class)
                .hasMessageContaining("offset 7 of partition 0, which ends at 0");
    }

    @Test
    void a_topic_that_does_not_exist_is_a_clear_error() {
        LogCache<String, String> cache = opened(builder("no-such-topic"));

        assertThatThrownBy(() -> cache.awaitReady(Duration.ofSeconds(20)))
                .isInstanceOf(CacheStoppedException.class)
                .hasMessageContaining("'no-such-topic': the topic does not exist on " + Broker.servers());
    }

    // ---- a topic that changes

    @Test
    void partitions_added_later_are_followed() {
        String topic = Broker.topic(1);
        LogCache<String, String> cache = ready(builder(topic));

        Broker.addPartitions(topic, 3);
        cache.awaitPosition(Broker.send(topic, 2, "a", "1"), TEN_SECONDS);

        assertThat(cache.get("a")).contains("1");
        assertThat(fresh(builder(topic))).containsEntry("a", "1");
    }

    @Test // [a recreated topic: old entries stay, or offsets beyond its end hang]
    void a_topic_created_again_is_read_anew() {
        String topic = Broker.topic(1);
        for (int i = 0; i < 5; i++) Broker.send(topic, "old-" + i, "v");
        LogCache<String, String> cache = ready(builder(topic));
        List<String> heard = new CopyOnWriteArrayList<>();
        cache.onChange(new CacheListener<>() {
            @Override
            public void changed(String key, Optional<Versioned<String>> now) {}

            @Override
            public void rebuilt() {
                heard.add("rebuilt");
            }
        });

        Broker.delete(topic);
        assertThat(cache.get("old-1")).contains("v"); // what was held can be read until the new content is complete
        Broker.create(topic, 1);
        for (int i = 0; i < 9; i++) Broker.send(topic, "new-" + i, "v");

        await().atMost(30, SECONDS)
                .untilAsserted(() -> assertThat(contents(cache)).hasSize(9).containsKey("new-8"));
        assertThat(cache.stats().rebuilds().values().stream()
                        .mapToLong(it -> it)
                        .sum())
                .isPositive();
        await().until(() -> heard.contains("rebuilt"));
        await().until(cache::isReady);
    }

    @Test // [auto.offset.reset hides an offset out of range: deletions in the gap are missed]
    void records_deleted_before_they_were_read_mean_reading_anew() throws Exception {
        String topic = Broker.topic(1, "cleanup.policy=compact,delete");
        Broker.send(topic, "a", "1");
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch let = new CountDownLatch(1);
        LogCache<String, String> cache =
                ready(builder(topic).property("max.partition.fetch.bytes", 1)); // one batch per fetch
        cache.onChange((key, now) -> {
            busy.countDown();
            awaitQuietly(let);
        });
        Broker.send(topic, "b", "1");
        busy.await();

        Broker.send(topic, "fetched ahead", "1");
        Broker.send(topic, "a", null);
        Broker.send(topic, "c", "1");
        Broker.deleteRecords(topic, 4); // the deletion of a will never be read
        let.countDown();

        await().atMost(30, SECONDS)
                .untilAsserted(() -> assertThat(contents(cache)).containsOnlyKeys("c"));
        assertThat(cache.stats().rebuilds()).containsEntry(RebuildReason.OFFSET_OUT_OF_RANGE, 1L);
    }

    @Test // [a cache that was paused longer than delete.retention.ms keeps deleted keys for ever]
    void a_cache_that_stood_still_for_longer_than_deletions_stay_is_read_anew() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);
        InstantSource clock = () -> Instant.now().plus(ahead.get());
        LogCache<String, String> cache = ready(builder(topic).clock(clock));

        ahead.set(Duration.ofHours(23)); // within the default of 24 h, and seen to be at the end afterwards
        await().pollDelay(Duration.ofMillis(500))
                .until(() -> cache.stats().rebuilds().get(RebuildReason.TOO_OLD) == 0);
        ahead.set(Duration.ofHours(48));

        await().until(() -> cache.stats().rebuilds().get(RebuildReason.TOO_OLD) == 1);
        await().until(cache::isReady);
        assertThat(cache.get("a")).contains("1");
    }

    // ---- faults and the end

    @Test
    void it_goes_on_after_the_broker_was_killed_and_started_again() {
        String topic = Broker.topic(2);
        Broker.send(topic, "a", "1");
        LogCache<String, String> cache = ready(builder(topic));

        Broker.server().restart();
        cache.awaitPosition(Broker.send(topic, "b", "2"), Duration.ofSeconds(30));

        assertThat(contents(cache)).containsOnlyKeys("a", "b");
    }

    @Test
    void it_waits_for_a_broker_that_is_not_there_yet() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        Broker.server().kill();
        LogCache<String, String> cache;
        try {
            cache = opened(builder(topic));
            assertThatThrownBy(() -> cache.awaitReady(Duration.ofSeconds(1)))
                    .isInstanceOf(CacheNotReadyException.class);
        } finally {
            Broker.server().start();
        }

        cache.awaitReady(Duration.ofSeconds(40));
        assertThat(cache.get("a")).contains("1");
    }

    @Test
    void close_while_it_waits_for_a_broker_or_reads_ends_soon_and_leaks_no_thread() throws Exception {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        LogCache<String, String> away = builder(topic)
                .bootstrapServers("127.0.0.1:1")
                .store(store(folder.resolve("away")))
                .build();
        LogCache<String, String> reading = builder(topic).readOnly(false).build();

        long begun = System.nanoTime();
        away.close();
        reading.close();

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
        assertThatThrownBy(() -> away.awaitReady(TEN_SECONDS)).isInstanceOf(CacheStoppedException.class);
        assertThatThrownBy(() -> reading.get("a")).isInstanceOf(CacheStoppedException.class);
        await().untilAsserted(() -> assertThat(threads(topic)).isEmpty());
    }

    @Test
    void a_running_cache_has_two_threads_of_its_own_and_after_close_none() {
        String topic = Broker.topic(1);
        LogCache<String, String> cache = ready(builder(topic));
        assertThat(threads(topic)).hasSize(2);

        cache.close();
        cache.close();

        assertThat(threads(topic)).isEmpty();
        assertThat(cache.state()).isEqualTo(LogCacheState.CLOSED);
        assertThatThrownBy(() -> cache.entries()).isInstanceOf(CacheStoppedException.class);
        assertThatThrownBy(() -> cache.awaitPosition(new LogPosition(0, 5), TEN_SECONDS))
                .isInstanceOf(CacheStoppedException.class);
        cache.stats();
    }

    private static List<String> threads(String topic) {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.startsWith("forebay-log-cache-" + topic + "-"))
                .toList();
    }

    @Test
    void whoever_waits_for_a_position_is_woken_by_close() throws Exception {
        LogCache<String, String> cache = ready(builder(Broker.topic(1)));
        CompletableFuture<Throwable> woken = new CompletableFuture<>();
        Thread waiter = new Thread(() -> {
            try {
                cache.awaitPosition(new LogPosition(0, 5), Duration.ofMinutes(1));
            } catch (LogCacheException e) {
                woken.complete(e);
            }
        });
        waiter.start();
        await().until(() -> cache.stats().waiters() == 1);

        cache.close();

        assertThat(woken.get(5, SECONDS)).isInstanceOf(CacheStoppedException.class);
        waiter.join();
    }

    @Test // [a lag that stands still because the thread that measures it is the one that is dead]
    void the_lag_grows_when_the_reading_thread_hangs() {
        String topic = Broker.topic(1);
        CountDownLatch let = new CountDownLatch(1);
        LogCache<String, String> cache = ready(builder(topic).listener((key, now) -> awaitQuietly(let)));
        try {
            Broker.send(topic, "a", "1");
            for (int i = 0; i < 7; i++) Broker.send(topic, "b", "1");

            await().until(() -> cache.stats().lag().getOrDefault(0, 0L) >= 7);
        } finally {
            let.countDown();
        }
        await().until(() -> cache.stats().lag().get(0) == 0);
    }

    static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(60, SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
