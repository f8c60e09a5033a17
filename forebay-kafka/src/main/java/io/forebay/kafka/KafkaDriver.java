package io.forebay.kafka;

import io.forebay.spi.Driver;
import io.forebay.spi.SharedJournal;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;

/**
 * Keeps the pending writes of a shared buffer in a Kafka topic: any process may write, any of them flushes, and reads are
 * exact. The topic is made at the first {@link #open} if it is not there; one that could lose writes is refused. Brokers
 * have to be of version 2.5 or newer. Immutable; each method returns a changed copy.
 */
public final class KafkaDriver implements Driver {
    private final KafkaOptions options;

    private KafkaDriver(KafkaOptions options) {
        this.options = options;
    }

    /** What happens to writes while Kafka is known to be away. */
    public enum WhenAway {
        /** They wait, as far as the buffer has room. */
        WAIT,
        /** They are refused at once with {@link io.forebay.JournalWriteException}. */
        FAIL
    }

    /** How new a read is with regard to other processes. One's own writes are always in it. */
    public enum Reads {
        /** Everything that any process was told is written: each read asks Kafka where the partition ends. */
        NEWEST,
        /** What has arrived here, some milliseconds behind the others; no question is asked. */
        ARRIVED
    }

    /**
     * A driver with the defaults.
     *
     * @param bootstrapServers {@code host:port} of some brokers, separated by commas
     */
    public static KafkaDriver at(String bootstrapServers) {
        return new KafkaDriver(KafkaOptions.DEFAULT)
                .with(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
    }

    /**
     * Sets a property of Kafka's clients: security, compression, timeouts. It goes to each client that knows it.
     *
     * @throws IllegalArgumentException if the driver decides that property itself, such as {@code acks}
     */
    public KafkaDriver with(String property, Object value) {
        Map<String, Object> clients = new HashMap<>(options.clients());
        clients.put(property, value);
        return new KafkaDriver(options.withClients(clients));
    }

    /** Sets what the names of topics and of the consumer group begin with; default {@code forebay.}. */
    public KafkaDriver withPrefix(String prefix) {
        return new KafkaDriver(options.withPrefix(prefix));
    }

    /** Sets how many copies the topics are made with, from 1; without it the broker's default. Topics that exist stay. */
    public KafkaDriver withReplication(int copies) {
        return new KafkaDriver(options.withReplication(copies));
    }

    /**
     * Sets how long records stay after the database holds them, so that a database that went back to a backup can be
     * brought up to date; default 10 min, at least 0.
     */
    public KafkaDriver withKeepApplied(Duration keepApplied) {
        return new KafkaDriver(options.withKeepApplied(keepApplied));
    }

    /** Sets how long a read may wait until what it has to include has arrived; default 10 s, at least 1 ms. */
    public KafkaDriver withReadTimeout(Duration readTimeout) {
        return new KafkaDriver(options.withReadTimeout(readTimeout));
    }

    /** Sets how new reads are; default {@link Reads#NEWEST}. */
    public KafkaDriver withReads(Reads reads) {
        return new KafkaDriver(options.withReads(reads));
    }

    /** Sets what happens to writes while Kafka is away; default {@link WhenAway#WAIT}. */
    public KafkaDriver withWhenAway(WhenAway whenAway) {
        return new KafkaDriver(options.withWhenAway(whenAway));
    }

    /**
     * {@inheritDoc}
     *
     * @throws io.forebay.spi.TransientSinkException if Kafka cannot be reached
     * @throws io.forebay.spi.MismatchException if the topic has another number of partitions, or settings under which
     *     writes could be lost; the message names each of them
     */
    @Override
    public SharedJournal open(Settings settings) {
        return KafkaJournal.open(options, settings);
    }
}
