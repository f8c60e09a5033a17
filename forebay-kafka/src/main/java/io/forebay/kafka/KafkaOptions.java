package io.forebay.kafka;

import io.forebay.kafka.KafkaDriver.Reads;
import io.forebay.kafka.KafkaDriver.WhenAway;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * What a {@link KafkaDriver} was told, checked.
 *
 * @param clients properties of Kafka's clients
 * @param replication copies of a new topic; 0 for the broker's default
 */
record KafkaOptions(
        Map<String, Object> clients,
        String prefix,
        int replication,
        Duration keepApplied,
        Duration readTimeout,
        Reads reads,
        WhenAway whenAway) {
    /** What a broker remembers of a producer is kept for a day: no record may be on its way for nearly as long. */
    private static final Duration MAX_DELIVERY = Duration.ofHours(1);

    private static final Set<String> RESERVED = Set.of(
            ProducerConfig.ACKS_CONFIG,
            ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG,
            ProducerConfig.RETRIES_CONFIG,
            ProducerConfig.TRANSACTIONAL_ID_CONFIG,
            ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG,
            ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG,
            ConsumerConfig.GROUP_ID_CONFIG,
            ConsumerConfig.GROUP_PROTOCOL_CONFIG,
            ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            ConsumerConfig.ISOLATION_LEVEL_CONFIG,
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);

    /** Stands behind what it is checked against. */
    static final KafkaOptions DEFAULT = new KafkaOptions(
            Map.of(), "forebay.", 0, Duration.ofMinutes(10), Duration.ofSeconds(10), Reads.NEWEST, WhenAway.WAIT);

    KafkaOptions {
        clients = Map.copyOf(clients);
        List<String> problems = new ArrayList<>();
        Set<String> taken = new TreeSet<>(clients.keySet());
        taken.retainAll(RESERVED);
        for (String name : taken) problems.add(name + " is decided by the driver and must not be set");
        if (!prefix.matches("[a-zA-Z0-9._-]*"))
            problems.add("prefix may have letters, digits, '.', '_' and '-', was '" + prefix + "'");
        if (replication < 0 || replication > Short.MAX_VALUE)
            problems.add("replication must be at least 1, was " + replication);
        if (keepApplied.isNegative()) problems.add("keepApplied must not be negative, was " + keepApplied);
        if (readTimeout.compareTo(Duration.ofMillis(1)) < 0)
            problems.add("readTimeout must be at least 1 ms, was " + readTimeout);
        Object delivery = clients.get(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG);
        if (delivery != null && !isShort(delivery))
            problems.add("%s must be a number of milliseconds and at most %d, was '%s'"
                    .formatted(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, MAX_DELIVERY.toMillis(), delivery));
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }

    private static boolean isShort(Object millis) {
        String text = millis.toString().trim();
        return text.matches("\\d{1,9}") && Long.parseLong(text) <= MAX_DELIVERY.toMillis();
    }

    KafkaOptions withClients(Map<String, Object> properties) {
        return new KafkaOptions(properties, prefix, replication, keepApplied, readTimeout, reads, whenAway);
    }

    KafkaOptions withPrefix(String text) {
        return new KafkaOptions(clients, text, replication, keepApplied, readTimeout, reads, whenAway);
    }

    KafkaOptions withReplication(int copies) {
        if (copies < 1) throw new IllegalArgumentException("replication must be at least 1, was " + copies);
        return new KafkaOptions(clients, prefix, copies, keepApplied, readTimeout, reads, whenAway);
    }

    KafkaOptions withKeepApplied(Duration time) {
        return new KafkaOptions(clients, prefix, replication, time, readTimeout, reads, whenAway);
    }

    KafkaOptions withReadTimeout(Duration time) {
        return new KafkaOptions(clients, prefix, replication, keepApplied, time, reads, whenAway);
    }

    KafkaOptions withReads(Reads how) {
        return new KafkaOptions(clients, prefix, replication, keepApplied, readTimeout, how, whenAway);
    }

    KafkaOptions withWhenAway(WhenAway what) {
        return new KafkaOptions(clients, prefix, replication, keepApplied, readTimeout, reads, what);
    }
}
