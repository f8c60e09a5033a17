package io.forebay.benchmarks;

import io.forebay.testservers.KafkaServer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A log cache on a real Kafka: its load beside a bare consumer loop over the same topic, its reads, and writes until they can
 * be read.
 */
final class LogCacheTable {
    private static final int[] VALUE_BYTES = {100, 1000};

    private final boolean quick;
    private final Results results = new Results("log-cache");

    LogCacheTable(boolean quick) {
        this.quick = quick;
    }

    void run() {
        try (KafkaServer server = KafkaServer.create()) {
            for (int bytes : VALUE_BYTES) load(server, bytes);
            use(server);
        }
        if (!quick) results.write();
    }

    private void load(KafkaServer server, int valueBytes) {
        int records = quick ? 100_000 : 1_000_000;
        String topic = "values-of-" + valueBytes;
        fill(server, topic, records, valueBytes);
        MarkdownTable table = new MarkdownTable("", "records/s", "ratio", "spread");
        double bare = 0;
        for (LogCacheChild.Loading loading : LogCacheChild.Loading.values()) {
            Figures figures = fork("load", server, topic, loading.name(), Integer.toString(records), quick ? "2" : "5")
                    .get(loading.name());
            if (loading == LogCacheChild.Loading.BARE) bare = figures.median();
            results.add(loading.title(), "records of " + valueBytes + " bytes loaded per second", figures);
            table.row(
                    loading.title(),
                    MarkdownTable.count(figures.median()),
                    MarkdownTable.ratio(figures.median() / bare),
                    figures.spread());
        }
        System.out.printf(
                "### Load of %s records of %d bytes, each with another key%n%n%s%n",
                MarkdownTable.exact(records), valueBytes, table);
    }

    private void use(KafkaServer server) {
        create(server, "used");
        MarkdownTable table = new MarkdownTable("", "median, µs", "99 %, µs");
        for (String store : List.of("MEMORY", "ROCKSDB")) {
            Map<String, Figures> figures = fork("use", server, "used", store, quick ? "20000" : "200000", "0");
            for (String what : List.of("get", "put and awaitPosition")) {
                Figures median = figures.get(what + ", median");
                Figures high = figures.get(what + ", 99 %");
                String title = what + ", " + (store.equals("MEMORY") ? "in memory" : "RocksDB");
                results.add(title, "median in µs", median);
                results.add(title, "99 % in µs", high);
                table.row(title, micros(median), micros(high));
            }
        }
        System.out.println("### Reads and writes, values of 100 bytes\n\n" + table);
    }

    private static String micros(Figures figures) {
        return String.format(java.util.Locale.ROOT, "%.1f", figures.median());
    }

    private Map<String, Figures> fork(String... arguments) {
        return Fork.run(LogCacheChild.class, List.of("-Xms4g", "-Xmx4g"), List.of(arguments));
    }

    private Map<String, Figures> fork(
            String what, KafkaServer server, String topic, String how, String records, String iterations) {
        return fork(what, server.bootstrapServers(), topic, how, records, iterations);
    }

    private static void fill(KafkaServer server, String topic, int records, int valueBytes) {
        create(server, topic);
        Map<String, Object> settings = new HashMap<>(
                Map.of("bootstrap.servers", server.bootstrapServers(), "linger.ms", 20, "batch.size", 256 << 10));
        Random random = new Random(1);
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, byte[]> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < records; i++) {
                byte[] value = new byte[valueBytes];
                random.nextBytes(value);
                sent.add(producer.send(new ProducerRecord<>(topic, LogCacheChild.key(i), value)));
            }
            for (Future<RecordMetadata> each : sent) each.get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("could not fill " + topic, e);
        }
    }

    private static void create(KafkaServer server, String topic) {
        try (Admin admin = server.admin()) {
            admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1).configs(Map.of("cleanup.policy", "compact"))))
                    .all()
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("could not create " + topic, e);
        }
    }
}
