package io.forebay.benchmarks;

import io.forebay.Ack;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.MissingRow;
import io.forebay.Table;
import io.forebay.spi.Driver;
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
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** One contender of {@link Shared}, in a JVM of its own. */
final class SharedChild {
    static final String SPEED = "increments per second";
    /** Where the bare producer writes. */
    static final String TOPIC = "bare";

    private static final int KEYS = 100_000;
    private static final int PIPELINE = 1_000;
    private static final int MAX_OUTSTANDING = 10_000;

    private final int[] keys = ZipfKeys.sequence(1 << 20, KEYS, 0.99, 1);
    private final int threads;
    private final int count;
    private final int iterations;

    private SharedChild(int threads, int count, int iterations) {
        this.threads = threads;
        this.count = count;
        this.iterations = iterations;
    }

    /** Who makes increments. */
    enum Contender {
        HINCRBY("`HINCRBY` in pipelines of 1,000, a connection per thread"),
        REDIS_DRIVER("Forebay, redis driver"),
        PRODUCER("producer with `acks=all`, a record per increment"),
        KAFKA_DRIVER("Forebay, kafka driver");

        private final String title;

        Contender(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    /** Makes the increments of one thread, from a place in the keys on, and returns when all are acknowledged. */
    private interface Increments {
        void make(int from, int count);
    }

    /** Contender, address of its server, threads, increments of all threads, iterations. */
    public static void main(String[] arguments) throws Exception {
        String address = arguments[1];
        SharedChild child = new SharedChild(
                Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]), Integer.parseInt(arguments[4]));
        switch (Contender.valueOf(arguments[0])) {
            case HINCRBY -> child.pipelined(address);
            case REDIS_DRIVER -> child.through(SharedServer.REDIS.driver(address));
            case PRODUCER -> child.produced(address);
            case KAFKA_DRIVER -> child.through(SharedServer.KAFKA.driver(address));
        }
    }

    /** The first iteration warms up. */
    private void measure(Increments increments) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            for (int i = 0; i <= iterations; i++) {
                long start = System.nanoTime();
                List<Future<?>> made = new ArrayList<>();
                for (int thread = 0; thread < threads; thread++) {
                    int from = thread * (count / threads);
                    made.add(pool.submit(() -> increments.make(from, count / threads)));
                }
                for (Future<?> each : made) each.get();
                if (i > 0) Fork.report(SPEED, count * 1e9 / (System.nanoTime() - start));
            }
        } finally {
            pool.shutdown();
        }
    }

    private void through(Driver driver) throws Exception {
        try (Forebay forebay = Forebay.builder()
                .database("shared-" + threads, new AcceptingSink()) // a new buffer: this sink forgets with its process
                .driver(driver)
                .flush(FlushPolicy.DEFAULT.withInterval(Duration.ofSeconds(1), Duration.ZERO))
                .build()) {
            Table rows = forebay.table("counters", t -> t.onMissingRow(MissingRow.INSERT));
            measure((from, share) -> {
                Deque<Ack> outstanding = new ArrayDeque<>(MAX_OUTSTANDING);
                for (int i = from; i < from + share; i++) {
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

    private void pipelined(String address) throws Exception {
        RedisClient client = RedisClient.create(address);
        try {
            measure((from, share) -> pipelined(client, from, share));
        } finally {
            client.shutdown();
        }
    }

    private void pipelined(RedisClient client, int from, int share) {
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            RedisAsyncCommands<String, String> commands = connection.async();
            connection.setAutoFlushCommands(false);
            List<RedisFuture<Long>> sent = new ArrayList<>(PIPELINE);
            for (int i = from; i < from + share; i++) {
                sent.add(commands.hincrby("bare", Integer.toString(key(i)), 1));
                if (sent.size() < PIPELINE) continue;
                connection.flushCommands();
                sent.forEach(answer -> await(answer.toCompletableFuture()));
                sent.clear();
            }
            connection.flushCommands();
            sent.forEach(answer -> await(answer.toCompletableFuture()));
        }
    }

    /** One producer for all threads, as Kafka's documentation advises. */
    private void produced(String address) throws Exception {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", address, "acks", "all", "linger.ms", 5, "batch.size", 65_536);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            byte[] one = ByteBuffer.allocate(Long.BYTES).putLong(1).array();
            measure((from, share) -> {
                Deque<Future<?>> outstanding = new ArrayDeque<>(MAX_OUTSTANDING);
                for (int i = from; i < from + share; i++) {
                    if (outstanding.size() == MAX_OUTSTANDING) await(outstanding.remove());
                    byte[] key =
                            ByteBuffer.allocate(Integer.BYTES).putInt(key(i)).array();
                    outstanding.add(producer.send(new ProducerRecord<>(TOPIC, key, one)));
                }
                outstanding.forEach(SharedChild::await);
            });
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
