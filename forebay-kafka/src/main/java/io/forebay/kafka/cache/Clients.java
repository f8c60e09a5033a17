package io.forebay.kafka.cache;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Makes Kafka's clients: what must be as it is wins over what the user gave, which wins over defaults.
 *
 * @param clientId of all of them, with a number behind it
 * @param given any property of any of Kafka's clients
 */
record Clients(String clientId, Map<String, Object> given) {
    /** What the cache decides itself. */
    static final Set<String> RESERVED = Set.of(
            ConsumerConfig.GROUP_ID_CONFIG,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG,
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            ConsumerConfig.CLIENT_ID_CONFIG);

    private static final AtomicInteger NUMBER = new AtomicInteger();

    Clients {
        given = Map.copyOf(given);
    }

    /** Of the pod if there is one ({@code POD_NAMESPACE}, {@code POD_NAME}), so that the broker's side can tell instances apart. */
    static String defaultClientId(String topic, Map<String, String> environment) {
        String pod = environment.get("POD_NAME");
        String namespace = environment.get("POD_NAMESPACE");
        String instance = pod == null ? "" : "-" + (namespace == null ? "" : namespace + ".") + pod;
        return "forebay-" + topic + instance;
    }

    String bootstrapServers() {
        return String.valueOf(given.get(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG));
    }

    Consumer<byte[], byte[]> consumer(IsolationLevel isolation) {
        Map<String, Object> properties = properties(
                ConsumerConfig.configNames(),
                Map.of(
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        5_000,
                        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
                        4 << 20,
                        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        10_000,
                        ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        10_000));
        properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation.toString());
        return new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    Producer<byte[], byte[]> producer() {
        Map<String, Object> properties = properties(
                ProducerConfig.configNames(),
                Map.of(ProducerConfig.MAX_BLOCK_MS_CONFIG, 10_000, ProducerConfig.LINGER_MS_CONFIG, 0));
        properties.put(ProducerConfig.ACKS_CONFIG, "all");
        properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    Admin admin() {
        return Admin.create(properties(
                AdminClientConfig.configNames(),
                Map.of(
                        AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                        10_000,
                        AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                        10_000)));
    }

    /** A property that is another client's is left out: each client warns about names it does not know. */
    private Map<String, Object> properties(Set<String> known, Map<String, Object> defaults) {
        Map<String, Object> properties = new HashMap<>(defaults);
        given.forEach((name, value) -> {
            if (known.contains(name) || isNobodys(name)) properties.put(name, value);
        });
        properties.put(ConsumerConfig.CLIENT_ID_CONFIG, clientId + "-" + NUMBER.incrementAndGet());
        return properties;
    }

    private static boolean isNobodys(String name) {
        return !ConsumerConfig.configNames().contains(name)
                && !ProducerConfig.configNames().contains(name)
                && !AdminClientConfig.configNames().contains(name);
    }
}
