package io.forebay.kafka.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The contract with RocksDB, and what only a store that stays has. */
@Tag("slow")
class RocksLogCacheTest extends LogCacheContract {
    @Override
    CacheStore store(Path directory) {
        return CacheStore.rocksDb(directory);
    }

    @Test
    void a_store_goes_on_where_it_stood() {
        String topic = Broker.topic(2);
        for (int i = 0; i < 100; i++) Broker.send(topic, "key-" + i, "v");
        builderReadyAndClosed(builder(topic));
        Broker.send(topic, "key-1", null);
        Broker.send(topic, "new", "v");

        LogCache<String, String> again = ready(builder(topic));

        assertThat(contents(again)).hasSize(100).doesNotContainKey("key-1").containsKey("new");
        assertThat(again.stats().loadedRecords()).isEqualTo(2);
        assertThat(again.stats().rebuilds().values()).containsOnly(0L);
    }

    private void builderReadyAndClosed(LogCacheBuilder<String, String> builder) {
        ready(builder).close();
    }

    @Test // [a checkpoint beside the data is older or newer than the data after an unclean exit: KAFKA-20663,
    // KAFKA-5241]
    void a_store_whose_process_was_killed_while_loading_is_equal_to_a_fresh_one_afterwards() throws Exception {
        String topic = Broker.topic(2);
        int records = 60_000;
        try (KafkaProducer<byte[], byte[]> producer = Broker.producer(Map.of("linger.ms", 5))) {
            for (int i = 0; i < records; i++) {
                boolean deletes =
                        i % 7 == 6; // an earlier key; else each key is written once, so that a lost batch shows
                byte[] key = Broker.bytes("key-" + (deletes ? i - 3 : i));
                producer.send(new ProducerRecord<>(topic, key, deletes ? null : Broker.bytes("value-" + i)));
            }
        }
        Path directory = folder.resolve("store");
        for (int kill = 0; kill < 3; kill++) LoadingChild.killedAfter(10_000, topic, directory);

        LogCache<String, String> again = ready(builder(topic));

        assertThat(again.stats().loadedRecords()).isLessThan(records);
        assertThat(contents(again))
                .isEqualTo(fresh(builder(topic).store(CacheStore.memory())))
                .isNotEmpty();
    }

    @Test // [a persistent store older than delete.retention.ms keeps deleted keys for ever]
    void a_store_older_than_deletions_stay_is_built_anew() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        builderReadyAndClosed(builder(topic));

        LogCache<String, String> again =
                ready(builder(topic).clock(() -> Instant.now().plus(Duration.ofHours(25))));

        assertThat(again.stats().rebuilds()).containsEntry(RebuildReason.TOO_OLD, 1L);
        assertThat(contents(again)).containsOnlyKeys("a");
        assertThat(generations()).hasSize(1);
    }

    @Test
    void a_store_of_an_idle_topic_does_not_grow_old_while_its_cache_runs() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        LogCache<String, String> cache =
                ready(builder(topic).clock(() -> Instant.now().plus(Duration.ofHours(20))));
        await().pollDelay(Duration.ofSeconds(1)).until(cache::isReady);
        cache.close();

        LogCache<String, String> again =
                ready(builder(topic).clock(() -> Instant.now().plus(Duration.ofHours(40))));

        assertThat(again.stats().rebuilds()).containsEntry(RebuildReason.TOO_OLD, 0L);
    }

    @Test
    void a_store_of_another_topic_is_built_anew() {
        String topic = Broker.topic(1);
        Broker.send(topic, "old", "1");
        builderReadyAndClosed(builder(topic));
        Broker.delete(topic);
        Broker.create(topic, 1);
        Broker.send(topic, "new", "1");
        Broker.send(topic, "newer", "1");

        LogCache<String, String> again = ready(builder(topic));

        assertThat(contents(again)).containsOnlyKeys("new", "newer");
        assertThat(again.stats().rebuilds()).containsEntry(RebuildReason.TOPIC_RECREATED, 1L);
    }

    @Test
    void a_store_behind_the_begin_of_the_topic_is_built_anew() {
        String topic = Broker.topic(1, "cleanup.policy=compact,delete");
        Broker.send(topic, "a", "1");
        builderReadyAndClosed(builder(topic));
        Broker.send(topic, "a", null);
        Broker.send(topic, "b", "1");
        Broker.deleteRecords(topic, 2);

        LogCache<String, String> again = ready(builder(topic));

        assertThat(contents(again)).containsOnlyKeys("b");
        assertThat(again.stats().rebuilds()).containsEntry(RebuildReason.OFFSET_OUT_OF_RANGE, 1L);
    }

    @Test
    void a_store_of_another_version_is_built_anew() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        builderReadyAndClosed(builder(topic).version("1").resolver(it -> List.of(Change.put("one", "1"))));

        LogCache<String, String> again =
                ready(builder(topic).version("2").resolver(it -> List.of(Change.put("two", "2"))));

        assertThat(contents(again)).containsOnlyKeys("two");
        assertThat(again.stats().rebuilds()).containsEntry(RebuildReason.OTHER_SETTINGS, 1L);
    }

    @Test
    void a_directory_belongs_to_one_cache() {
        String topic = Broker.topic(1);
        LogCache<String, String> first = ready(builder(topic));

        assertThatThrownBy(() -> builder(topic).build())
                .isInstanceOf(CacheStoreException.class)
                .hasMessageContaining("in use by another cache");

        first.close();
        ready(builder(topic));
    }

    @Test
    void a_damaged_store_is_built_anew() throws IOException {
        String topic = Broker.topic(1);
        for (int i = 0; i < 100; i++) Broker.send(topic, "key-" + i, "v");
        builderReadyAndClosed(builder(topic));
        try (Stream<Path> files = Files.walk(folder.resolve("store"))) {
            Path manifest = files.filter(it -> it.getFileName().toString().startsWith("MANIFEST"))
                    .findFirst()
                    .orElseThrow();
            overwrite(manifest);
        }

        LogCache<String, String> again = ready(builder(topic));

        assertThat(contents(again)).hasSize(100);
        assertThat(again.stats().rebuilds()).containsEntry(RebuildReason.DAMAGED, 1L);
    }

    private static void overwrite(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(new byte[(int) channel.size()]), 0);
        }
    }

    @Test
    void a_directory_that_cannot_be_used_is_a_clear_error() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "x");

        assertThatThrownBy(() -> builder(Broker.topic(1))
                        .store(CacheStore.rocksDb(file.resolve("below")))
                        .build())
                .isInstanceOf(CacheStoreException.class)
                .hasMessageContaining("file");
    }

    @Test
    void a_cache_that_failed_at_a_bad_record_fails_there_again() {
        String topic = Broker.topic(1);
        Broker.send(topic, "a", "1");
        Broker.send(topic, "b", "bad");
        for (int i = 0; i < 2; i++) {
            LogCache<String, String> cache = opened(builder(topic)
                    .validateRecords((key, value) ->
                            value.equals("bad") ? java.util.Optional.of("it is bad") : java.util.Optional.empty())
                    .badRecords(BadRecords.fail()));
            assertThatThrownBy(() -> cache.awaitReady(TEN_SECONDS))
                    .isInstanceOf(CacheStoppedException.class)
                    .hasMessageContaining("offset 1");
            cache.close();
        }
    }

    @Test
    void reads_beside_a_close_are_refused_and_do_not_end_the_process() throws Exception {
        String topic = Broker.topic(1);
        for (int i = 0; i < 1000; i++) Broker.send(topic, "key-" + i, "v");
        LogCache<String, String> cache = ready(builder(topic));
        Thread[] readers = new Thread[4];
        for (int i = 0; i < readers.length; i++) {
            readers[i] = new Thread(() -> {
                try {
                    while (true) cache.entries().forEach(entry -> cache.get(entry.key()));
                } catch (CacheStoppedException e) {
                    return;
                }
            });
            readers[i].start();
        }

        cache.close();

        for (Thread reader : readers) {
            reader.join(10_000);
            assertThat(reader.isAlive()).isFalse();
        }
    }

    private List<String> generations() {
        try (Stream<Path> files = Files.list(folder.resolve("store"))) {
            return files.map(it -> it.getFileName().toString())
                    .filter(it -> it.startsWith("generation"))
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
