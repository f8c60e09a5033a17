package io.forebay.kafka.cache;

import io.forebay.testservers.KafkaServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** The Kafka that all tests of this JVM share, and what they do to its topics. */
final class Broker {
    private static final AtomicInteger TOPICS = new AtomicInteger();

    private Broker() {}

    private static final class Shared {
        static final KafkaServer SERVER = KafkaServer.create();
        static final Admin ADMIN = SERVER.admin();
        static final KafkaProducer<byte[], byte[]> PRODUCER = producer(Map.of());
        static final StringSerializer TEXT = new StringSerializer();
    }

    static KafkaServer server() {
        return Shared.SERVER;
    }

    static String servers() {
        return Shared.SERVER.bootstrapServers();
    }

    static Admin admin() {
        return Shared.ADMIN;
    }

    /** A new compacted topic whose compaction does not come by itself within a test. */
    static String topic(int partitions, String... settings) {
        String name = "topic-" + TOPICS.incrementAndGet();
        create(name, partitions, settings);
        return name;
    }

    static void create(String name, int partitions, String... settings) {
        Map<String, String> configs = new HashMap<>(Map.of("cleanup.policy", "compact"));
        for (String setting : settings) configs.put(setting.split("=")[0], setting.split("=")[1]);
        NewTopic topic = new NewTopic(name, partitions, (short) 1).configs(configs);
        Admin admin = admin();
        // a topic of the same name may still be on its way out
        Awaitility.await()
                .ignoreExceptions()
                .pollDelay(Duration.ZERO)
                .until(() -> get(admin.createTopics(List.of(topic)).all()) == null);
    }

    static void delete(String topic) {
        get(admin().deleteTopics(List.of(topic)).all());
        Awaitility.await().until(() -> !get(admin().listTopics().names()).contains(topic));
    }

    static void addPartitions(String topic, int count) {
        get(admin().createPartitions(Map.of(topic, NewPartitions.increaseTo(count)))
                .all());
    }

    /** Deletes the records of partition 0 before the offset, as retention does. */
    static void deleteRecords(String topic, long before) {
        get(admin().deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(before)))
                .all());
    }

    static LogPosition send(String topic, @Nullable String key, @Nullable String value) {
        return send(topic, null, key, value);
    }

    static LogPosition send(String topic, @Nullable Integer partition, @Nullable String key, @Nullable String value) {
        return send(new ProducerRecord<>(topic, partition, bytes(key), bytes(value)));
    }

    static LogPosition send(ProducerRecord<byte[], byte[]> record) {
        try {
            RecordMetadata sent = Shared.PRODUCER.send(record).get(30, TimeUnit.SECONDS);
            return new LogPosition(sent.partition(), sent.offset());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** All at once, in their order. */
    static void sendAll(List<ProducerRecord<byte[], byte[]>> records) {
        records.forEach(Shared.PRODUCER::send);
        Shared.PRODUCER.flush();
    }

    /** As in one transaction, committed or aborted. */
    static void transaction(String topic, boolean commit, String... keysAndValues) {
        try (KafkaProducer<byte[], byte[]> producer =
                producer(Map.of("transactional.id", "tx-" + TOPICS.incrementAndGet()))) {
            producer.initTransactions();
            producer.beginTransaction();
            for (int i = 0; i < keysAndValues.length; i += 2)
                producer.send(new ProducerRecord<>(topic, bytes(keysAndValues[i]), bytes(keysAndValues[i + 1])));
            producer.flush();
            if (commit) producer.commitTransaction();
            else producer.abortTransaction();
        }
    }

    static KafkaProducer<byte[], byte[]> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", servers());
        return new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    }

    static byte @Nullable [] bytes(@Nullable String text) {
        return text == null ? null : Shared.TEXT.serialize("", text);
    }

    /** Writes until compaction, which never touches the newest segment, has removed what newer records replaced. */
    static void compact(String topic, BooleanSupplier isCompacted) {
        Awaitility.await()
                .atMost(60, TimeUnit.SECONDS)
                .pollInterval(Duration.ofMillis(300))
                .until(() -> {
                    send(topic, "~filler", "x");
                    return isCompacted.getAsBoolean();
                });
    }

    private static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get(30, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException missing) throw missing;
            throw new IllegalStateException(e.getCause());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
