package io.forebay.cdc.kafka;

import io.forebay.cdc.ChangeHandler;
import io.forebay.cdc.Delivery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One consumer, from its beginning to its first error. One thread; records are done by others. */
final class KafkaSession implements AutoCloseable, ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaSession.class);
    private static final String CREATED_AGAIN = "the topic was deleted and created again";
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Duration CLOSE = Duration.ofSeconds(3);
    private static final long COMMIT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final KafkaSettings settings;
    private final ChangeHandler handler;
    private final Admin admin;
    private final Consumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, Prefix> prefixes = new ConcurrentHashMap<>();
    private final Map<String, String> topicIds = new HashMap<>();
    private final Set<String> gaps = new TreeSet<>(); // found, not told yet
    private @Nullable CompletionStage<Void> gap; // told, not done yet
    private boolean paused;
    private long committedNanos = System.nanoTime();
    private long lookedNanos = System.nanoTime();

    KafkaSession(KafkaSettings settings, ChangeHandler handler) {
        this.settings = settings;
        this.handler = handler;
        this.consumer = settings.consumer();
        this.admin = settings.admin();
    }

    Consumer<byte[], byte[]> consumer() {
        return consumer;
    }

    void begin() {
        if (settings.assigned()) assignAll();
        else if (settings.topics().isEmpty()) consumer.subscribe(settings.pattern(), this);
        else consumer.subscribe(settings.topics(), this);
    }

    /** Reads once, hands over what there is, and commits from time to time. */
    void turn() {
        tellGaps();
        pauseOrResume();
        try {
            hand(consumer.poll(POLL));
        } catch (OffsetOutOfRangeException e) {
            beginAnew(e.partitions(), "its position is out of the topic's range");
        }
        long now = System.nanoTime();
        if (now - committedNanos >= COMMIT_NANOS) commit(now);
        if (now - lookedNanos >= LOOK_NANOS) look(now);
    }

    private void hand(ConsumerRecords<byte[], byte[]> records) {
        List<Delivery> deliveries = new ArrayList<>(records.count());
        for (ConsumerRecord<byte[], byte[]> record : records) {
            TopicPartition partition = new TopicPartition(record.topic(), record.partition());
            Prefix prefix = prefixes.get(partition);
            if (prefix == null) continue; // taken away meanwhile: another member reads it
            prefix.taken(record.offset());
            deliveries.add(new Delivery(
                    partition.toString(), KafkaRecords.record(record), () -> prefix.done(record.offset())));
        }
        if (!deliveries.isEmpty()) handler.handle(deliveries);
    }

    /** Where a gap begins is fixed by now, so everything that is invalidated from now on covers it. */
    private void tellGaps() {
        if (gap != null && gap.toCompletableFuture().isDone()) gap = null;
        if (gap != null || gaps.isEmpty()) return;
        gap = handler.gap(String.join("; ", gaps));
        gaps.clear();
    }

    private void pauseOrResume() {
        boolean wait = gap != null || handler.isFull();
        if (wait) consumer.pause(consumer.assignment());
        else if (paused) consumer.resume(consumer.assignment());
        paused = wait;
    }

    /** A topic may have become another one under the consumer's hands. */
    private void look(long now) {
        lookedNanos = now;
        Map<String, String> before = Map.copyOf(topicIds);
        learnTopicIds(consumer.assignment());
        List<TopicPartition> others = consumer.assignment().stream()
                .filter(partition -> !Objects.equals(before.get(partition.topic()), topicIds.get(partition.topic())))
                .toList();
        if (!others.isEmpty()) beginAnew(others, CREATED_AGAIN);
        if (settings.assigned()) assignAll();
    }

    /** Takes all partitions of the topics, those added since as well. */
    private void assignAll() {
        Set<TopicPartition> all = new HashSet<>();
        describe(settings.topics())
                .forEach((topic, described) -> described
                        .partitions()
                        .forEach(partition -> all.add(new TopicPartition(topic, partition.partition()))));
        Set<TopicPartition> added = new HashSet<>(all);
        added.removeAll(consumer.assignment());
        if (added.isEmpty()) return;
        consumer.assign(all);
        onPartitionsAssigned(added);
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> added) {
        if (added.isEmpty()) return;
        learnTopicIds(added);
        Map<TopicPartition, OffsetAndMetadata> committed = consumer.committed(new HashSet<>(added));
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(added);
        Map<TopicPartition, Long> ends = consumer.endOffsets(added);
        for (TopicPartition partition : added)
            begin(partition, committed.get(partition), begins.getOrDefault(partition, 0L), ends.get(partition));
    }

    private void begin(
            TopicPartition partition, @Nullable OffsetAndMetadata committed, long begin, @Nullable Long end) {
        if (end == null) throw new KafkaException("the end of " + partition + " is not known");
        String reason = reasonForGap(partition, committed, begin, end);
        long from = reason == null && committed != null ? committed.offset() : end;
        consumer.seek(partition, from);
        prefixes.put(partition, reason == null ? Prefix.after(from) : Prefix.behindGap(from));
        if (reason != null) gaps.add(partition + ": " + reason);
    }

    private @Nullable String reasonForGap(
            TopicPartition partition, @Nullable OffsetAndMetadata committed, long begin, long end) {
        if (committed == null) return "no position is known: the first start, or it was too long ago";
        String id = committed.metadata();
        if (!id.isEmpty() && !id.equals(topicIds.get(partition.topic()))) return CREATED_AGAIN;
        boolean inRange = begin <= committed.offset() && committed.offset() <= end;
        return inRange
                ? null
                : "position %d is out of the topic's range, %d to %d".formatted(committed.offset(), begin, end);
    }

    private void beginAnew(Collection<TopicPartition> partitions, String reason) {
        consumer.endOffsets(partitions).forEach((partition, end) -> {
            consumer.seek(partition, end);
            prefixes.put(partition, Prefix.behindGap(end));
            gaps.add(partition + ": " + reason);
        });
    }

    private void learnTopicIds(Collection<TopicPartition> partitions) {
        Set<String> topics = new HashSet<>();
        partitions.forEach(partition -> topics.add(partition.topic()));
        describe(topics)
                .forEach((topic, described) ->
                        topicIds.put(topic, described.topicId().toString()));
    }

    /** Asks the brokers: what the consumer knows of them may be minutes old. */
    private Map<String, TopicDescription> describe(Collection<String> topics) {
        try {
            return admin.describeTopics(topics).allTopicNames().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (ExecutionException | TimeoutException e) {
            throw new KafkaException("the topics could not be described: " + topics, e);
        }
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> gone) {
        commitNow();
        gone.forEach(prefixes::remove);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> gone) {
        gone.forEach(prefixes::remove);
    }

    private void commit(long now) {
        committedNanos = now;
        Map<TopicPartition, OffsetAndMetadata> offsets = toCommit();
        if (offsets.isEmpty()) return;
        consumer.commitAsync(offsets, (done, error) -> {
            if (error == null) committed(done);
            else LOG.debug("positions could not be committed; later ones will be", error);
        });
    }

    private void commitNow() {
        try {
            Map<TopicPartition, OffsetAndMetadata> offsets = toCommit();
            if (offsets.isEmpty()) return;
            consumer.commitSync(offsets, CLOSE);
            committed(offsets);
        } catch (WakeupException e) { // meant for the poll that has ended already
            commitNow();
        } catch (KafkaException e) {
            LOG.debug("positions could not be committed; records since then are told again", e);
        }
    }

    private void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> {
            Prefix prefix = prefixes.get(partition);
            if (prefix != null) prefix.committed(offset.offset());
        });
    }

    /** Nothing while a gap is open: after a restart it would be forgotten. */
    private Map<TopicPartition, OffsetAndMetadata> toCommit() {
        boolean open =
                !gaps.isEmpty() || (gap != null && !gap.toCompletableFuture().isDone());
        if (open) return Map.of();
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        prefixes.forEach((partition, prefix) -> prefix.toCommit()
                .ifPresent(offset -> offsets.put(
                        partition, new OffsetAndMetadata(offset, topicIds.getOrDefault(partition.topic(), "")))));
        return offsets;
    }

    @Override
    public void close() {
        commitNow();
        prefixes.clear();
        consumer.close(CloseOptions.timeout(CLOSE));
        admin.close(CLOSE);
    }
}
