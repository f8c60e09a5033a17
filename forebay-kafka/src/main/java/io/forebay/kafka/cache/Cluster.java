package io.forebay.kafka.cache;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Questions about one topic, by an admin client of its own. Thread-safe. */
final class Cluster implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Cluster.class);
    private static final long DEFAULT_DELETE_RETENTION_MILLIS =
            Duration.ofHours(24).toMillis();

    private final Admin admin;
    private final String topic;
    private final IsolationLevel isolation;

    Cluster(Admin admin, String topic, IsolationLevel isolation) {
        this.admin = admin;
        this.topic = topic;
        this.isolation = isolation;
    }

    /**
     * The topic as it is now.
     *
     * @throws KafkaException of many kinds; {@code UnknownTopicOrPartitionException} if there is none
     */
    Topic describe() {
        String clusterId = get(admin.describeCluster().clusterId());
        TopicDescription description = description(topic);
        return new Topic(
                clusterId,
                description.topicId().toString(),
                description.partitions().size(),
                deleteRetention());
    }

    /** Fails as {@link #describe} does if the topic does not exist. */
    void require(String otherTopic) {
        description(otherTopic);
    }

    private TopicDescription description(String name) {
        return one(get(admin.describeTopics(List.of(name)).allTopicNames()), name);
    }

    private long deleteRetention() {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        try {
            Config config = one(get(admin.describeConfigs(List.of(resource)).all()), resource);
            String cleanup = value(config, TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
            if (!cleanup.contains(TopicConfig.CLEANUP_POLICY_COMPACT)) return Long.MAX_VALUE;
            return Long.parseLong(value(
                    config, TopicConfig.DELETE_RETENTION_MS_CONFIG, Long.toString(DEFAULT_DELETE_RETENTION_MILLIS)));
        } catch (AuthorizationException e) {
            LOG.debug(
                    "log cache '{}': no right to read the topic's settings, delete.retention.ms taken for 24 h", topic);
            return DEFAULT_DELETE_RETENTION_MILLIS;
        }
    }

    private static String value(Config config, String name, String otherwise) {
        ConfigEntry entry = config.get(name);
        return entry == null || entry.value() == null ? otherwise : entry.value();
    }

    /** Where each partition ends now, transactions that are open left out if the isolation asks for it. */
    Map<Integer, Long> ends(int partitions) {
        Map<TopicPartition, OffsetSpec> asked = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .collect(Collectors.toMap(Function.identity(), it -> OffsetSpec.latest()));
        Map<Integer, Long> ends = new HashMap<>();
        get(admin.listOffsets(asked, new ListOffsetsOptions(isolation)).all())
                .forEach((partition, end) -> ends.put(partition.partition(), end.offset()));
        return ends;
    }

    private static <K, T> T one(Map<K, T> answers, K asked) {
        return Objects.requireNonNull(answers.get(asked), "no answer");
    }

    private static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof KafkaException kafka) throw kafka;
            throw new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e); // sets the thread's mark
        }
    }

    /** Calls that wait fail. */
    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
