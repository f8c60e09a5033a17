package io.forebay.kafka.cache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the topic with one consumer into one store. Complete is the store when the consumer's <em>position</em> is at the
 * end that every partition had at the begin: positions pass transaction markers, compacted gaps and emptied logs, which
 * offsets of records do not. One thread.
 */
final class Session<H> {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int CHECKS_WITHIN_RETENTION = 4;

    private final Parts<H> parts;
    private final Topic topic;
    private final Consumer<byte[], byte[]> consumer;
    private final Store<H> store;
    private final boolean fresh;
    private final long askedMillis;
    private final Map<Integer, Long> targets = new HashMap<>();
    private Map<Integer, Long> positions = new HashMap<>();
    private long savedCaughtUpMillis;

    /** Begins sessions. */
    interface Factory<H> {
        /**
         * Assigns all partitions and goes to where the store stands.
         *
         * @throws RebuildException if the store does not go with the topic
         */
        Session<H> begin(Topic topic, Consumer<byte[], byte[]> consumer);
    }

    /** What every session of a cache works with. */
    record Parts<H>(
            Settings<?, ?> settings,
            Generations<H> generations,
            Applier<?, ?, H> applier,
            BadRecordHandler badRecords,
            Positions positions,
            Progress progress,
            Freshness freshness,
            Signals signals,
            Listeners<?, ?, H> listeners) {}

    Session(Parts<H> parts, Topic topic, Consumer<byte[], byte[]> consumer) {
        this.parts = parts;
        this.topic = topic;
        this.consumer = consumer;
        List<TopicPartition> partitions = partitions(0, topic.partitions());
        consumer.assign(partitions);
        this.askedMillis = now();
        Map<TopicPartition, Extent> extents = Extent.of(consumer, partitions);
        this.store = parts.generations.current(
                extents.values().stream().mapToLong(Extent::records).sum());
        Checkpoint checkpoint = store.checkpoint();
        RebuildReason mismatch = Generations.mismatch(checkpoint, topic, fingerprint(), extents);
        if (mismatch != null) throw new RebuildException(mismatch);
        this.fresh = checkpoint == null;
        extents.forEach((partition, extent) -> targets.put(partition.partition(), extent.end()));
        positions.putAll(
                checkpoint == null ? Starts.of(parts.settings, consumer, extents) : known(checkpoint, extents));
        positions.forEach((partition, offset) -> consumer.seek(at(partition), offset));
        parts.signals.partitions(topic.partitions());
        begin(checkpoint);
    }

    /** A partition that the checkpoint does not know was added since, and is read from its beginning. */
    private static Map<Integer, Long> known(Checkpoint checkpoint, Map<TopicPartition, Extent> extents) {
        Map<Integer, Long> known = new HashMap<>();
        extents.forEach((partition, extent) -> known.put(
                partition.partition(), checkpoint.positions().getOrDefault(partition.partition(), extent.begin())));
        return known;
    }

    private void begin(@Nullable Checkpoint checkpoint) {
        if (!isVisible()) {
            parts.progress.loading();
            parts.positions.forget();
            parts.freshness.restart(checkpoint == null ? askedMillis : checkpoint.caughtUpMillis());
        }
        requireFresh();
        save(store.begin());
        parts.progress.read(positions, 0);
        showIfComplete();
    }

    /** One poll, applied. */
    void turn() throws InterruptedException, ExecutionException {
        heedSignals();
        if (isVisible()) requireFresh(); // a pause of the whole process, too
        ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
        Map<Integer, Long> before = positions;
        apply(records);
        if (isVisible()) {
            parts.positions.publish(positions);
            parts.freshness.reached(positions);
        }
        parts.progress.read(positions, records.count());
        if (!positions.equals(before)) parts.listeners.tell(parts.applier.collected());
        showIfComplete();
    }

    private void heedSignals() {
        RebuildReason rebuild = parts.signals.takeRebuild();
        if (rebuild != null) throw new RebuildException(rebuild);
        int known = positions.size();
        int count = parts.signals.partitions();
        if (count > known) add(partitions(known, count));
    }

    /** New partitions are read from their beginning, wherever the cache started: all they hold is newer than its start. */
    private void add(List<TopicPartition> added) {
        consumer.assign(partitions(0, positions.size() + added.size()));
        positions = new HashMap<>(positions);
        consumer.beginningOffsets(added).forEach((partition, begin) -> {
            consumer.seek(partition, begin);
            positions.put(partition.partition(), begin);
        });
        LOG.info("{}: follows {} partitions now", parts.settings.name(), positions.size());
    }

    private void apply(ConsumerRecords<byte[], byte[]> records) throws InterruptedException, ExecutionException {
        parts.applier.begin(parts.listeners.wantChanges(isVisible()), positions.size() == 1);
        StoreBatch<H> batch = store.begin();
        Map<Integer, Long> next = new HashMap<>(positions);
        try {
            for (TopicPartition partition : records.partitions()) apply(batch, records.records(partition), next);
        } catch (CacheStoppedException e) { // ends before the bad record, with all that was applied
            parts.badRecords.settle();
            positions = next;
            save(batch);
            if (isVisible()) parts.positions.publish(positions);
            throw e;
        }
        parts.badRecords.settle();
        next.replaceAll(this::reached);
        boolean moved = !next.equals(positions) || parts.freshness.caughtUpMillis() != savedCaughtUpMillis;
        positions = next;
        if (moved) save(batch);
    }

    /** The consumer's position; what was applied where it has none at the moment, because a broker changed. */
    private long reached(int partition, long applied) {
        try {
            return consumer.position(at(partition), Duration.ZERO);
        } catch (TimeoutException e) {
            return applied;
        }
    }

    private void apply(StoreBatch<H> batch, List<ConsumerRecord<byte[], byte[]>> records, Map<Integer, Long> next) {
        for (ConsumerRecord<byte[], byte[]> record : records) {
            try {
                parts.applier.apply(batch, record);
            } catch (CacheStoppedException e) {
                next.put(record.partition(), record.offset());
                throw e;
            }
        }
        ConsumerRecord<byte[], byte[]> last = records.get(records.size() - 1);
        next.put(last.partition(), last.offset() + 1);
    }

    private void save(StoreBatch<H> batch) {
        savedCaughtUpMillis = parts.freshness.caughtUpMillis();
        batch.commit(new Checkpoint(topic.clusterId(), topic.id(), fingerprint(), savedCaughtUpMillis, positions));
    }

    private void showIfComplete() {
        if (isVisible() || !Freshness.covers(positions, targets)) return;
        if (isTooOld()) {
            if (!fresh) throw new RebuildException(RebuildReason.TOO_OLD);
            LOG.warn(
                    "{}: reading the topic took longer than it keeps deletions ({} ms): keys deleted meanwhile may have"
                            + " stayed; raise delete.retention.ms",
                    parts.settings.name(),
                    topic.deleteRetentionMillis());
            parts.freshness.restart(now());
        } else {
            parts.freshness.restart(askedMillis);
        }
        save(store.begin());
        parts.generations.show();
        parts.positions.publish(positions);
        parts.progress.loaded();
        parts.listeners.shown();
    }

    private void requireFresh() {
        if (isTooOld()) throw new RebuildException(RebuildReason.TOO_OLD);
    }

    private boolean isTooOld() {
        return now() - parts.freshness.caughtUpMillis() > toleratedMillis();
    }

    /** Below a few checks nothing can be told; the builder's documentation says so. */
    private long toleratedMillis() {
        long least = CHECKS_WITHIN_RETENTION * parts.settings.checkInterval().toMillis();
        return Math.max(topic.deleteRetentionMillis(), least);
    }

    boolean isVisible() {
        return parts.generations.isVisible();
    }

    private long now() {
        return parts.settings.clock().millis();
    }

    private String fingerprint() {
        return parts.settings.fingerprint();
    }

    private TopicPartition at(int partition) {
        return new TopicPartition(parts.settings.topic(), partition);
    }

    private List<TopicPartition> partitions(int from, int to) {
        return new ArrayList<>(IntStream.range(from, to).mapToObj(this::at).toList());
    }
}
