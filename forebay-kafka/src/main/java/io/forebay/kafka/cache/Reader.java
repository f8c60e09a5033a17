package io.forebay.kafka.cache;

import io.forebay.kafka.cache.Stores.DamagedStoreException;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the topic on a thread of its own, through one {@link Session} after the other: an error of Kafka's ends a session,
 * and the next goes on where it stood.
 */
final class Reader<H> implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Reader.class);
    private static final long MIN_PAUSE_MILLIS = 100;
    private static final long MAX_PAUSE_MILLIS = 10_000;
    private static final long TOPIC_GRACE_NANOS = 5_000_000_000L;
    private static final Duration END = Duration.ofSeconds(1);

    private final Settings<?, ?> settings;
    private final Cluster cluster;
    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final Generations<H> generations;
    private final Session.Factory<H> sessions;
    private final Signals signals;
    private final Counters counters;
    private final java.util.function.Consumer<LogCacheException> failed;
    private final long begunNanos = System.nanoTime();
    private volatile @Nullable Consumer<byte[], byte[]> consumer; // for wakeup
    private boolean topicSeen;
    private long pauseMillis = MIN_PAUSE_MILLIS;

    Reader(
            Settings<?, ?> settings,
            Cluster cluster,
            Supplier<Consumer<byte[], byte[]>> consumers,
            Generations<H> generations,
            Session.Factory<H> sessions,
            Signals signals,
            Counters counters,
            java.util.function.Consumer<LogCacheException> failed) {
        this.settings = settings;
        this.cluster = cluster;
        this.consumers = consumers;
        this.generations = generations;
        this.sessions = sessions;
        this.signals = signals;
        this.counters = counters;
        this.failed = failed;
    }

    @Override
    public void run() {
        try {
            while (!signals.isStopped()) runOnce();
        } catch (LogCacheException e) {
            failed.accept(e);
        } catch (StoreClosedException e) {
            if (!signals.isStopped()) failed.accept(stopped(e));
        } catch (InterruptedException | InterruptException e) {
            failed.accept(stopped(e));
        } catch (RuntimeException | Error e) { // a defect, or no memory: whoever waits must hear of it
            LOG.error("{}: stopped", settings.name(), e);
            failed.accept(stopped(e));
        }
    }

    private CacheStoppedException stopped(Throwable cause) {
        return new CacheStoppedException(settings.name() + ": stopped: " + cause, cause);
    }

    /** Breaks what the thread waits for in Kafka's consumer. */
    void wakeup() {
        Consumer<byte[], byte[]> running = consumer;
        if (running != null) running.wakeup();
    }

    private void runOnce() throws InterruptedException {
        try {
            follow();
        } catch (WakeupException e) {
            LOG.debug("{}: woken", settings.name());
        } catch (RebuildException e) {
            generations.abandon(e.reason(), String.valueOf(e.getMessage()));
            pause();
        } catch (OffsetOutOfRangeException e) {
            generations.abandon(RebuildReason.OFFSET_OUT_OF_RANGE, String.valueOf(e.getMessage()));
            pause();
        } catch (DamagedStoreException e) {
            generations.abandon(RebuildReason.DAMAGED, String.valueOf(e.getMessage()));
            pause();
        } catch (UnknownTopicOrPartitionException e) {
            requireGrace(e);
            retry(e);
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            if (e.getCause() instanceof ConfigException wrong)
                throw new CacheStoppedException(settings.name() + ": " + wrong.getMessage(), e);
            retry(e);
        } catch (ExecutionException e) { // a dead letter
            retry(e);
        }
    }

    private void follow() throws InterruptedException, ExecutionException {
        Topic topic = cluster.describe();
        topicSeen = true;
        if (settings.badRecords() instanceof BadRecords.DeadLetter letter) requireDeadLetters(letter.topic());
        Consumer<byte[], byte[]> reading = consumers.get();
        consumer = reading;
        try {
            Session<H> session = sessions.begin(topic, reading);
            while (!signals.isStopped()) {
                session.turn();
                if (session.isVisible()) pauseMillis = MIN_PAUSE_MILLIS;
            }
        } finally {
            consumer = null;
            reading.close(CloseOptions.timeout(END)); // a broker that is away is not waited for
        }
    }

    private void requireDeadLetters(String topic) {
        try {
            cluster.require(topic);
        } catch (UnknownTopicOrPartitionException e) {
            throw new CacheStoppedException(
                    "%s: the topic for dead letters, '%s', does not exist".formatted(settings.name(), topic), e);
        }
    }

    /** A topic that was never there is a mistake; one that is gone may come back. */
    private void requireGrace(UnknownTopicOrPartitionException e) {
        if (topicSeen || System.nanoTime() - begunNanos < TOPIC_GRACE_NANOS) return;
        throw new CacheStoppedException(
                "%s: the topic does not exist on %s; create it, or correct its name"
                        .formatted(settings.name(), settings.clients().bootstrapServers()),
                e);
    }

    private void retry(Exception e) throws InterruptedException {
        if (signals.isStopped()) return;
        counters.readerFailed(e);
        if (pauseMillis == MIN_PAUSE_MILLIS) LOG.warn("{}: {}; trying again", settings.name(), e.toString());
        else LOG.debug("{}: trying again in {} ms", settings.name(), pauseMillis, e);
        pause();
    }

    private void pause() throws InterruptedException {
        signals.pause(pauseMillis);
        pauseMillis = Math.min(2 * pauseMillis, MAX_PAUSE_MILLIS);
    }
}
