package io.forebay.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes Kafka's clients: what must be as it is wins over what was given, which wins over the driver's defaults.
 *
 * @param clientId of all of them, unless one was given
 */
record JournalClients(String clientId, Map<String, Object> given) {
    /** Larger than any window that is not one single huge row. */
    static final int MAX_RECORD_BYTES = 8 << 20;
    /** How long an end waits for brokers. */
    static final Duration END = Duration.ofSeconds(1);

    Admin admin() {
        return Admin.create(properties(Map.of(
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000)));
    }

    /**
     * A producer whose records are each in the log once or not at all while it lives; see decision 18.
     */
    KafkaProducer<byte[], byte[]> producer() {
        Map<String, Object> properties = properties(Map.of(
                ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000,
                ProducerConfig.LINGER_MS_CONFIG, 0,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 60_000,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MAX_RECORD_BYTES));
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A consumer of partitions that it is given. */
    KafkaConsumer<byte[], byte[]> reader() {
        return consumer(properties(readerDefaults()));
    }

    /** A consumer whose partitions the members of a group share. */
    KafkaConsumer<byte[], byte[]> member(String group) {
        Map<String, Object> defaults = readerDefaults();
        defaults.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
        defaults.put(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG, 1_000);
        Map<String, Object> properties = properties(defaults);
        properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
        properties.put(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        return consumer(properties);
    }

    private static Map<String, Object> readerDefaults() {
        return new HashMap<>(Map.of(
                ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, 50,
                ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000,
                ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000));
    }

    private static KafkaConsumer<byte[], byte[]> consumer(Map<String, Object> properties) {
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        return new PromptConsumer(properties);
    }

    /** Its end waits for no broker that is away: that one forgets a member and a fetch by itself. */
    private static final class PromptConsumer extends KafkaConsumer<byte[], byte[]> {
        private PromptConsumer(Map<String, Object> properties) {
            super(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }

        @Override
        public void close() {
            close(CloseOptions.timeout(END));
        }
    }

    private Map<String, Object> properties(Map<String, Object> defaults) {
        Map<String, Object> properties = new HashMap<>(defaults);
        properties.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId);
        properties.putAll(given);
        return properties;
    }
}
