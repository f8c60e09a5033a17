package io.forebay.cdc.kafka;

import io.forebay.cdc.CdcListener;
import io.forebay.cdc.ChangeHandler;
import io.forebay.cdc.ChangeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Changes from topics that Debezium fills by way of Kafka Connect. How far all records of a partition are done is committed for
 * the group, with the topic's id. Where no position is known, where it is out of the topic's range, or where the topic is
 * another one of the same name, that is a gap: reading begins at the end, and everything is invalidated.
 */
public final class KafkaSource implements ChangeSource {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaSource.class);
    private static final long MIN_PAUSE_MILLIS = 100;
    private static final long MAX_PAUSE_MILLIS = 10_000;

    private final KafkaSettings settings;
    private volatile @Nullable Consumer<byte[], byte[]> consumer; // for wakeup
    private volatile boolean stopped;
    private volatile boolean healthy;
    private @Nullable Thread thread;

    private KafkaSource(KafkaSettings settings) {
        this.settings = settings;
    }

    /** Settings of a source. */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public synchronized void start(ChangeHandler handler, CdcListener listener) {
        if (thread != null) throw new IllegalStateException("the source was started before");
        Thread reading = new Thread(() -> run(handler, listener), "forebay-cdc-kafka");
        reading.setDaemon(true);
        thread = reading;
        reading.start();
    }

    @Override
    public boolean isHealthy() {
        return healthy;
    }

    @Override
    public synchronized void close(Duration timeout) {
        stopped = true;
        Consumer<byte[], byte[]> running = consumer;
        if (running != null) running.wakeup();
        if (thread == null) return;
        try {
            thread.join(timeout.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One consumer after the other: an error ends one, and the next goes on from what is committed. */
    private void run(ChangeHandler handler, CdcListener listener) {
        long pauseMillis = MIN_PAUSE_MILLIS;
        while (!stopped) {
            try {
                follow(handler);
            } catch (WakeupException e) {
                LOG.debug("woken");
            } catch (InterruptException e) {
                Thread.currentThread().interrupt();
                break;
            } catch (RuntimeException e) {
                pauseMillis = healthy ? MIN_PAUSE_MILLIS : Math.min(2 * pauseMillis, MAX_PAUSE_MILLIS);
                LOG.warn("reading changes of {} failed; trying again: {}", settings.what(), e.toString());
                listener.sourceFailed(e);
                pause(pauseMillis);
            }
            healthy = false;
        }
        healthy = false;
    }

    private void follow(ChangeHandler handler) {
        try (KafkaSession session = new KafkaSession(settings, handler)) {
            consumer = session.consumer();
            session.begin();
            while (!stopped) {
                session.turn();
                healthy = true;
            }
        } finally {
            consumer = null;
        }
    }

    private void pause(long millis) {
        try {
            for (long left = millis; left > 0 && !stopped; left -= 100)
                TimeUnit.MILLISECONDS.sleep(Math.min(left, 100));
        } catch (InterruptedException e) {
            stopped = true;
            Thread.currentThread().interrupt();
        }
    }

    /** Settings of a {@link KafkaSource}; bootstrap servers, topics and group have no default. One thread. */
    public static final class Builder {
        private static final Set<String> RESERVED = Set.of(
                ConsumerConfig.GROUP_ID_CONFIG,
                ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
                ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);

        private final Map<String, Object> properties = new HashMap<>();
        private List<String> topics = List.of();
        private String pattern = "";
        private String group = "";
        private boolean assigned;

        private Builder() {}

        /** Where the cluster is: {@code host:port,host:port}. Required. */
        public Builder bootstrapServers(String servers) {
            properties.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, servers);
            return this;
        }

        /** The topics. These or {@link #topicPattern} are required. */
        public Builder topics(String... names) {
            this.topics = List.of(names);
            return this;
        }

        /** A regular expression for the names of the topics; later ones are found as well. Not with {@link #assigned}. */
        public Builder topicPattern(String regex) {
            this.pattern = regex;
            return this;
        }

        /** The consumer group: positions are kept under its name, and its members share the partitions. Required. */
        public Builder group(String name) {
            this.group = name;
            return this;
        }

        /** This process alone reads all partitions, without becoming a member of the group: there are no rebalances. */
        public Builder assigned() {
            this.assigned = true;
            return this;
        }

        /**
         * A property of Kafka's clients: for TLS, authentication, sizes and timeouts.
         *
         * @throws IllegalArgumentException if it is one that the source decides itself
         */
        public Builder property(String name, Object value) {
            if (RESERVED.contains(name))
                throw new IllegalArgumentException("the property '" + name + "' is decided by the source");
            properties.put(name, value);
            return this;
        }

        /**
         * The source, not started yet.
         *
         * @throws IllegalArgumentException if settings are missing or wrong, with all of them in the message
         */
        public KafkaSource build() {
            List<String> problems = new ArrayList<>();
            if (!properties.containsKey(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG))
                problems.add("bootstrapServers are missing");
            if (group.isBlank()) problems.add("group is missing: positions are kept under its name");
            if (topics.isEmpty() == pattern.isEmpty()) problems.add("expected either topics or topicPattern");
            if (assigned && topics.isEmpty()) problems.add("assigned needs topics by name");
            Pattern compiled = compile(problems);
            if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
            return new KafkaSource(new KafkaSettings(properties, topics, compiled, group, assigned));
        }

        private Pattern compile(List<String> problems) {
            try {
                return Pattern.compile(pattern);
            } catch (PatternSyntaxException e) {
                problems.add("topicPattern '%s': %s".formatted(pattern, e.getDescription()));
                return Pattern.compile("");
            }
        }
    }
}
