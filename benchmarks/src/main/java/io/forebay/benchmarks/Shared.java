package io.forebay.benchmarks;

import io.forebay.Ack;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.MissingRow;
import io.forebay.Table;
import io.forebay.kafka.KafkaDriver;
import io.forebay.redis.RedisDriver;
import io.forebay.redis.RedisSettings;
import io.forebay.spi.Driver;
import io.forebay.testservers.KafkaServer;
import io.forebay.testservers.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Increments of one thread, Zipf 0.99 over 100,000 rows, through the drivers of shared buffers, beside what one would write
 * by hand on the same server: HINCRBY in pipelines of 1,000, and a record per increment from a producer with {@code
 * acks=all}. The clock stops when the last is acknowledged; at most 10,000 are outstanding. Batches are handed to a sink that
 * takes everything, by this process.
 */
final class Shared {
    private static final int KEYS = 100_000;
    private static final int PIPELINE = 1_000;
    private static final int MAX_OUTSTANDING = 10_000;
    private static final String MEASURE = "increments";

    private final boolean quick;
    private final Results results = new Results("shared");
    private final int[] keys = ZipfKeys.sequence(1 << 20, KEYS, 0.99, 1);

    /** Makes so many increments and returns when all are acknowledged. */
    private interface Increments {
        void make(int count);
    }

    Shared(boolean quick) {
        this.quick = quick;
    }

    void run() {
        MarkdownTable table = new MarkdownTable("", "increments/s", "ratio", "spread");
        try (RedisServer redis = RedisServer.create("appendonly=yes", "appendfsync=everysec")) {
            Figures bare = measure(count -> pipelined(redis, count));
            row(table, "HINCRBY, pipelined", bare, bare);
            row(table, "Forebay, Redis driver", through(RedisDriver.at(RedisSettings.of(redis.uri()))), bare);
        }
        try (KafkaServer kafka = KafkaServer.create()) {
            Figures bare = measure(count -> produced(kafka, count));
            row(table, "producer, acks=all", bare, bare);
            row(table, "Forebay, Kafka driver", through(KafkaDriver.at(kafka.bootstrapServers())), bare);
        }
        System.out.println(table);
        if (!quick) results.write();
    }

    private void row(MarkdownTable table, String title, Figures speed, Figures yardstick) {
        results.add(title, MEASURE, speed);
        table.row(
                title,
                MarkdownTable.count(speed.median()),
                MarkdownTable.ratio(speed.median() / yardstick.median()),
                speed.spread());
    }

    /** The first round warms up. */
    private Figures measure(Increments increments) {
        int count = quick ? 200_000 : 1_000_000;
        List<Double> speeds = new ArrayList<>();
        for (int i = 0; i <= (quick ? 2 : 7); i++) {
            long start = System.nanoTime();
            increments.make(count);
            if (i > 0) speeds.add(count * 1e9 / (System.nanoTime() - start));
        }
        return new Figures(speeds);
    }

    private Figures through(Driver driver) {
        try (Forebay forebay = Forebay.builder()
                .database("shared", new AcceptingSink())
                .driver(driver)
                .flush(FlushPolicy.DEFAULT.withInterval(Duration.ofSeconds(1), Duration.ZERO))
                .build()) {
            Table rows = forebay.table("counters", t -> t.onMissingRow(MissingRow.INSERT));
            return measure(count -> {
                Deque<Ack> outstanding = new ArrayDeque<>(MAX_OUTSTANDING);
                for (int i = 0; i < count; i++) {
                    if (outstanding.size() == MAX_OUTSTANDING)
                        outstanding.remove().await();
                    outstanding.add(rows.row((long) key(i)).increment("value"));
                }
                outstanding.forEach(Ack::await);
            });
        }
    }

    private int key(int i) {
        return keys[i & keys.length - 1];
    }

    private void pipelined(RedisServer redis, int count) {
        RedisClient client = RedisClient.create(redis.uri());
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisAsyncCommands<String, String> commands = connection.async();
            connection.setAutoFlushCommands(false);
            List<RedisFuture<Long>> sent = new ArrayList<>(PIPELINE);
            for (int i = 0; i < count; i++) {
                sent.add(commands.hincrby("bare", Integer.toString(key(i)), 1));
                if (sent.size() < PIPELINE) continue;
                connection.flushCommands();
                sent.forEach(answer -> await(answer.toCompletableFuture()));
                sent.clear();
            }
            connection.flushCommands();
            sent.forEach(answer -> await(answer.toCompletableFuture()));
        } finally {
            client.shutdown();
        }
    }

    private void produced(KafkaServer kafka, int count) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", kafka.bootstrapServers(), "acks", "all", "linger.ms", 5, "batch.size", 65_536);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            Deque<Future<?>> outstanding = new ArrayDeque<>(MAX_OUTSTANDING);
            byte[] one = ByteBuffer.allocate(Long.BYTES).putLong(1).array();
            for (int i = 0; i < count; i++) {
                if (outstanding.size() == MAX_OUTSTANDING) await(outstanding.remove());
                byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(key(i)).array();
                outstanding.add(producer.send(new ProducerRecord<>("bare", key, one)));
            }
            outstanding.forEach(Shared::await);
        }
    }

    private static void await(Future<?> answer) {
        try {
            answer.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in a benchmark", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a bare increment failed", e);
        }
    }
}
