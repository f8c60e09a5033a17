package io.forebay.kafka.cache;

import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Kafka at intervals about the topic, on a thread and with a client of its own: where it ends, for the lag, which grows
 * when the reading thread is dead; whether it is still the same topic; how many partitions it has.
 */
final class Checks implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Checks.class);

    private final Settings<?, ?> settings;
    private final Cluster cluster;
    private final Progress progress;
    private final Freshness freshness;
    private final Signals signals;
    private @Nullable Topic last;

    Checks(Settings<?, ?> settings, Cluster cluster, Progress progress, Freshness freshness, Signals signals) {
        this.settings = settings;
        this.cluster = cluster;
        this.progress = progress;
        this.freshness = freshness;
        this.signals = signals;
    }

    @Override
    public void run() {
        try {
            while (!signals.isStopped()) {
                runOnce();
                signals.pause(settings.checkInterval().toMillis());
            }
        } catch (InterruptedException | InterruptException e) {
            LOG.debug("{}: checks interrupted", settings.name());
        }
    }

    private void runOnce() {
        try {
            check();
        } catch (InterruptException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.debug(
                    "{}: check failed",
                    settings.name(),
                    e); // the reading thread says it aloud; the age of the check shows
        } catch (RuntimeException e) {
            LOG.warn("{}: check failed", settings.name(), e);
        }
    }

    private void check() {
        Topic now = cluster.describe();
        Topic before = last;
        if (before != null && !before.id().equals(now.id())) signals.rebuild(RebuildReason.TOPIC_RECREATED);
        else if (before != null && now.partitions() > before.partitions()) signals.partitions(now.partitions());
        last = now;
        long observed = freshness.generation();
        long millis = settings.clock().millis();
        Map<Integer, Long> ends = cluster.ends(now.partitions());
        progress.checked(ends);
        freshness.ended(observed, millis, ends);
    }
}
