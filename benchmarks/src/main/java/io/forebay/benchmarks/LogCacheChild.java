package io.forebay.benchmarks;

import io.forebay.kafka.cache.CacheStore;
import io.forebay.kafka.cache.LogCache;
import io.forebay.kafka.cache.LogCacheBuilder;
import io.forebay.kafka.cache.LogPosition;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.state.Stores;

/** One contender of {@link LogCacheTable}, in a JVM of its own. */
final class LogCacheChild {
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final int WRITES = 2_000;

    private LogCacheChild() {}

    /** Who reads a topic from its beginning to its end. */
    enum Loading {
        BARE("a bare consumer loop with the cache's settings, nothing kept"),
        BARE_DEFAULTS("a bare consumer loop with Kafka's defaults, nothing kept"),
        MEMORY("LogCache, in memory"),
        GLOBAL_TABLE_MEMORY("Kafka Streams GlobalKTable, in memory"),
        ROCKSDB("LogCache, RocksDB"),
        GLOBAL_TABLE_ROCKSDB("Kafka Streams GlobalKTable, RocksDB");

        private final String title;

        Loading(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    static String key(int number) {
        return "key-%09d".formatted(number);
    }

    /** {@code load|use SERVERS TOPIC HOW RECORDS ITERATIONS}. */
    public static void main(String[] args) throws Exception {
        int records = Integer.parseInt(args[4]);
        if (args[0].equals("use")) use(args[1], args[2], args[3], records);
        else load(args[1], args[2], Loading.valueOf(args[3]), records, Integer.parseInt(args[5]));
    }

    private static void load(String servers, String topic, Loading loading, int records, int iterations) {
        for (int i = -1; i < iterations; i++) { // the first warms up
            long begun = System.nanoTime();
            switch (loading) {
                case BARE ->
                    consume(
                            servers,
                            topic,
                            records,
                            Map.of("max.poll.records", 5000, "max.partition.fetch.bytes", 4 << 20));
                case BARE_DEFAULTS -> consume(servers, topic, records, Map.of());
                case GLOBAL_TABLE_MEMORY ->
                    GlobalTable.load(servers, topic, Stores.inMemoryKeyValueStore("table"), records);
                case GLOBAL_TABLE_ROCKSDB ->
                    GlobalTable.load(servers, topic, Stores.persistentKeyValueStore("table"), records);
                case MEMORY, ROCKSDB -> fill(servers, topic, loading, records);
            }
            double seconds = (System.nanoTime() - begun) / 1e9;
            if (i >= 0) Fork.report(loading.name(), records / seconds);
            System.gc();
        }
    }

    private static void consume(String servers, String topic, int records, Map<String, Object> more) {
        Map<String, Object> settings = new java.util.HashMap<>(more);
        settings.put("bootstrap.servers", servers);
        settings.put("isolation.level", "read_committed");
        try (KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            long end = consumer.endOffsets(List.of(partition)).get(partition);
            long bytes = 0;
            while (consumer.position(partition) < end)
                for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200)))
                    bytes += record.key().length() + record.value().length;
            if (bytes < records) throw new IllegalStateException("read " + bytes + " bytes only");
        }
    }

    private static void fill(String servers, String topic, Loading loading, int records) {
        Path folder = Folders.create();
        try (LogCache<String, byte[]> cache =
                builder(servers, topic, loading.name(), folder).build()) {
            cache.awaitReady(LONG);
            if (cache.stats().loadedRecords() != records)
                throw new IllegalStateException("loaded " + cache.stats().loadedRecords());
        }
        Folders.delete(folder);
    }

    private static LogCacheBuilder<String, byte[]> builder(String servers, String topic, String store, Path folder) {
        return LogCache.builder(Serdes.String(), Serdes.ByteArray())
                .bootstrapServers(servers)
                .topic(topic)
                .store(store.equals("MEMORY") ? CacheStore.memory() : CacheStore.rocksDb(folder));
    }

    private static void use(String servers, String topic, String store, int keys) throws Exception {
        Path folder = Folders.create();
        try (LogCache<String, byte[]> cache =
                builder(servers, topic, store, folder).readOnly(false).build()) {
            LogPosition last = new LogPosition(0, 0);
            for (int i = 0; i < keys - 1; i++) cache.put(key(i), new byte[100]);
            last = cache.put(key(keys - 1), new byte[100]).get();
            cache.awaitPosition(last, LONG);
            for (int round = 0; round < 3; round++) { // the last counts
                double[] gets = gets(cache, keys);
                double[] writes = writes(cache, keys);
                if (round < 2) continue;
                report("get", gets);
                report("put and awaitPosition", writes);
            }
        }
        Folders.delete(folder);
    }

    private static double[] gets(LogCache<String, byte[]> cache, int keys) {
        Random random = new Random(2);
        String[] asked = new String[keys];
        for (int i = 0; i < keys; i++) asked[i] = key(random.nextInt(keys));
        double[] micros = new double[keys];
        long found = 0;
        for (int i = 0; i < keys; i++) {
            long begun = System.nanoTime();
            found += cache.get(asked[i]).orElseThrow().length;
            micros[i] = (System.nanoTime() - begun) / 1e3;
        }
        if (found != 100L * keys) throw new IllegalStateException("found " + found + " bytes");
        return micros;
    }

    private static double[] writes(LogCache<String, byte[]> cache, int keys) throws Exception {
        double[] micros = new double[WRITES];
        for (int i = 0; i < WRITES; i++) {
            long begun = System.nanoTime();
            cache.awaitPosition(cache.put(key(i % keys), new byte[100]).get(), LONG);
            micros[i] = (System.nanoTime() - begun) / 1e3;
        }
        return micros;
    }

    private static void report(String what, double[] micros) {
        Arrays.sort(micros);
        Fork.report(what + ", median", micros[micros.length / 2]);
        Fork.report(what + ", 99 %", micros[micros.length * 99 / 100]);
    }
}
