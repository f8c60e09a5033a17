package io.forebay.kafka;

import io.forebay.spi.MismatchException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Questions and orders about topics. Every method throws {@link KafkaException} when Kafka fails. Thread-safe. */
final class Cluster implements AutoCloseable {
    private static final int LOOKS_FOR_A_NEW_TOPIC = 100;
    private static final long BETWEEN_LOOKS_MILLIS = 100;

    private final Admin admin;

    Cluster(Admin admin) {
        this.admin = admin;
    }

    /**
     * Makes sure that a topic is there, with as many partitions and the settings that are demanded.
     *
     * @param replication copies if it has to be made; 0 for the broker's default
     * @return its id, which no other topic ever has
     * @throws MismatchException if it is there and is different
     */
    String require(String topic, int partitions, int replication, Map<String, String> demanded) {
        TopicDescription found = describe(topic);
        if (found == null) found = create(topic, partitions, replication, demanded);
        verify(found, partitions, demanded);
        return found.topicId().toString();
    }

    private @Nullable TopicDescription describe(String topic) {
        try {
            return KafkaErrors.await(admin.describeTopics(List.of(topic)).allTopicNames())
                    .get(topic);
        } catch (UnknownTopicOrPartitionException e) {
            return null;
        }
    }

    private TopicDescription create(String topic, int partitions, int replication, Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(JournalClients.MAX_RECORD_BYTES));
        Optional<Short> copies = replication == 0 ? Optional.empty() : Optional.of((short) replication);
        try {
            NewTopic wanted = new NewTopic(topic, Optional.of(partitions), copies).configs(all);
            KafkaErrors.await(admin.createTopics(List.of(wanted)).all());
        } catch (TopicExistsException e) {
            return awaitTopic(topic); // another process was quicker
        }
        TopicDescription made = awaitTopic(topic);
        if (replicas(made) >= TopicRules.REPLICATED) demandTwoInSync(topic);
        return made;
    }

    /** Brokers learn of a new topic a little later than its maker. */
    private TopicDescription awaitTopic(String topic) {
        for (int i = 0; i < LOOKS_FOR_A_NEW_TOPIC; i++) {
            TopicDescription found = describe(topic);
            if (found != null) return found;
            pause();
        }
        throw new UnknownTopicOrPartitionException(topic + " was made and is not there");
    }

    private static void pause() {
        try {
            Thread.sleep(BETWEEN_LOOKS_MILLIS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private void demandTwoInSync(String topic) {
        ConfigEntry two = new ConfigEntry(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
        KafkaErrors.await(admin.incrementalAlterConfigs(
                        Map.of(resource(topic), List.of(new AlterConfigOp(two, AlterConfigOp.OpType.SET))))
                .all());
    }

    private void verify(TopicDescription found, int partitions, Map<String, String> demanded) {
        if (found.partitions().size() != partitions)
            throw new MismatchException(
                    "topic %s has %d partitions and this buffer %d: all processes have to say the same, and it changes only with a new topic, after the old one was flushed"
                            .formatted(found.name(), found.partitions().size(), partitions),
                    null);
        List<String> problems = TopicRules.problems(demanded, settings(found.name()), replicas(found));
        if (!problems.isEmpty())
            throw new MismatchException(
                    "topic %s could lose writes: %s".formatted(found.name(), String.join("; ", problems)), null);
    }

    private static int replicas(TopicDescription topic) {
        return topic.partitions().stream()
                .mapToInt(partition -> partition.replicas().size())
                .min()
                .orElse(0);
    }

    private Map<String, String> settings(String topic) {
        Map<String, String> settings = new HashMap<>();
        for (Config config : KafkaErrors.await(
                        admin.describeConfigs(List.of(resource(topic))).all())
                .values())
            for (ConfigEntry entry : config.entries())
                if (entry.value() != null) settings.put(entry.name(), entry.value());
        return settings;
    }

    private static ConfigResource resource(String topic) {
        return new ConfigResource(ConfigResource.Type.TOPIC, topic);
    }

    /** Identity of a topic among all of all clusters: one that is made again under the same name has another. */
    UUID identity(String topicId) {
        String cluster = KafkaErrors.await(admin.describeCluster().clusterId());
        return UUID.nameUUIDFromBytes((cluster + "/" + topicId).getBytes(StandardCharsets.UTF_8));
    }

    /** The offsets that the next records will have. Of records that are acknowledged none is left out. */
    Map<TopicPartition, Long> ends(List<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.latest());
    }

    /** The offsets of the first records that are not deleted. */
    Map<TopicPartition, Long> starts(List<TopicPartition> partitions) {
        return offsets(partitions, OffsetSpec.earliest());
    }

    private Map<TopicPartition, Long> offsets(List<TopicPartition> partitions, OffsetSpec spec) {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (TopicPartition partition : partitions) asked.put(partition, spec);
        return longs(KafkaErrors.await(admin.listOffsets(asked).all()), ListOffsetsResultInfo::offset);
    }

    /** How far the database is, as those who flush have said; partitions of which nobody has, or of another topic, are left out. */
    Map<TopicPartition, Long> hints(String group, String topicId) {
        Map<TopicPartition, OffsetAndMetadata> committed = new HashMap<>(
                KafkaErrors.await(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()));
        committed.values().removeIf(hint -> hint == null || !hint.metadata().equals(topicId));
        return longs(committed, OffsetAndMetadata::offset);
    }

    private static <T> Map<TopicPartition, Long> longs(Map<TopicPartition, T> from, ToLongFunction<T> number) {
        Map<TopicPartition, Long> numbers = new HashMap<>();
        from.forEach((partition, value) -> numbers.put(partition, number.applyAsLong(value)));
        return numbers;
    }

    /** Deletes what stands before an offset, by partition. */
    void delete(Map<TopicPartition, Long> before) {
        Map<TopicPartition, RecordsToDelete> orders = new HashMap<>();
        before.forEach((partition, offset) -> orders.put(partition, RecordsToDelete.beforeOffset(offset)));
        KafkaErrors.await(admin.deleteRecords(orders).all());
    }

    /** Calls that wait fail. */
    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
