package io.forebay.benchmarks;

import io.forebay.testservers.KafkaServer;
import io.forebay.testservers.RedisServer;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.jspecify.annotations.Nullable;

/**
 * Increments, Zipf 0.99 over 100,000 rows, through the drivers of shared buffers, beside what one would write by hand on the
 * same server: HINCRBY in pipelines of 1,000, and a record per increment from a producer with {@code acks=all}. The clock
 * stops when the last is acknowledged; a thread has at most 10,000 outstanding. Batches are handed to a sink that takes
 * everything, by the same process. Then how many processes flush how fast.
 */
final class Shared {
    private static final List<Integer> THREADS = List.of(1, 2, 4);
    /** As many as a buffer has by default. */
    private static final int PARTITIONS = 8;

    private final boolean quick;
    private final Results results = new Results("shared");

    Shared(boolean quick) {
        this.quick = quick;
    }

    void run() {
        MarkdownTable table = new MarkdownTable("threads", "", "increments/s", "ratio", "spread");
        try (RedisServer redis = RedisServer.create("appendonly=yes", "appendfsync=everysec")) {
            for (int threads : THREADS)
                measure(table, redis.uri(), threads, SharedChild.Contender.HINCRBY, SharedChild.Contender.REDIS_DRIVER);
        }
        try (KafkaServer kafka = KafkaServer.create()) {
            createTopic(kafka, SharedChild.TOPIC);
            for (int threads : THREADS)
                measure(
                        table,
                        kafka.bootstrapServers(),
                        threads,
                        SharedChild.Contender.PRODUCER,
                        SharedChild.Contender.KAFKA_DRIVER);
        }
        System.out.println("### Increments through a shared buffer, Zipf 0.99 over 100,000 rows\n\n" + table);
        System.out.println(new Scaling(quick, results).table());
        if (!quick) results.write();
    }

    private static void createTopic(KafkaServer kafka, String name) {
        try (Admin admin = kafka.admin()) {
            admin.createTopics(List.of(new NewTopic(name, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        } catch (InterruptedException | ExecutionException e) {
            throw new IllegalStateException("could not create " + name, e);
        }
    }

    private void measure(
            MarkdownTable table,
            String address,
            int threads,
            SharedChild.Contender yardstick,
            SharedChild.Contender contender) {
        Figures bare = row(table, address, threads, yardstick, null);
        row(table, address, threads, contender, bare);
    }

    private Figures row(
            MarkdownTable table,
            String address,
            int threads,
            SharedChild.Contender contender,
            @Nullable Figures yardstick) {
        Figures speed = Fork.run(
                        SharedChild.class,
                        List.of(),
                        List.of(
                                contender.name(),
                                address,
                                Integer.toString(threads),
                                Integer.toString(quick ? 200_000 : 1_000_000),
                                quick ? "2" : "5"))
                .get(SharedChild.SPEED);
        results.add(contender.title(), "increments per second, threads: " + threads, speed);
        table.row(
                Integer.toString(threads),
                contender.title(),
                MarkdownTable.count(speed.median()),
                MarkdownTable.ratio(speed.median() / (yardstick == null ? speed : yardstick).median()),
                speed.spread());
        return speed;
    }
}
