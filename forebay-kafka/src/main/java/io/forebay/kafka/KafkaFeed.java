package io.forebay.kafka;

import io.forebay.ForebayException;
import io.forebay.spi.FedWindow;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.SharedFeed;
import io.forebay.spi.SharedWindow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One process's part in flushing. The consumer group only shares the partitions out; where to begin is what the database
 * says, never an offset that the group committed. What is committed is a hint: for tools that show the lag, for the
 * backlog, and for views that may let go what the database holds.
 */
final class KafkaFeed implements SharedFeed {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaFeed.class);
    private static final long BETWEEN_HINTS_NANOS = Duration.ofMillis(200).toNanos();

    private final String description;
    private final String topicId;
    private final List<TopicPartition> partitions;
    private final Consumer<byte[], byte[]> consumer;
    private final Deletions deletions;
    private final Runnable deleteDue;
    private final Sizes sizes;

    private final Set<Integer> assigned = new TreeSet<>();
    private final Set<Integer> lost = new HashSet<>();
    private final Map<Integer, Long> ends = new HashMap<>(); // where the next piece begins, of those that were begun
    private final Map<Integer, Long> asked = new TreeMap<>();
    private final Map<Integer, ForebayException> unreadable = new TreeMap<>();
    private final Map<TopicPartition, OffsetAndMetadata> hints = new HashMap<>();
    private final Set<TopicPartition> foreign = new HashSet<>();
    private long hintedNanos = System.nanoTime();

    /** @param deleteDue deletes what {@code deletions} says */
    KafkaFeed(
            String description,
            String topicId,
            List<TopicPartition> partitions,
            Consumer<byte[], byte[]> consumer,
            Deletions deletions,
            Runnable deleteDue,
            Sizes sizes) {
        this.description = description;
        this.topicId = topicId;
        this.partitions = partitions;
        this.consumer = consumer;
        this.deletions = deletions;
        this.deleteDue = deleteDue;
        this.sizes = sizes;
        consumer.subscribe(List.of(partitions.get(0).topic()), new Assignment());
    }

    /** Called while the consumer polls. */
    private final class Assignment implements ConsumerRebalanceListener {
        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> added) {
            consumer.pause(added);
            for (TopicPartition partition : added) {
                consumer.seek(partition, 0); // stays paused until begin() says where: nothing is fetched from here
                assigned.add(partition.partition());
            }
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> gone) {
            for (TopicPartition partition : gone) {
                lose(partition);
                assigned.remove(partition.partition());
            }
        }
    }

    /** Whoever flushed it finds out, even if it is assigned here again before the next question. */
    private void lose(TopicPartition partition) {
        ends.remove(partition.partition());
        asked.remove(partition.partition());
        hints.remove(partition); // the next owner knows better
        lost.add(partition.partition());
    }

    @Override
    public Set<Integer> assigned() {
        Set<Integer> kept = new TreeSet<>(assigned);
        kept.removeAll(lost);
        lost.clear();
        return kept;
    }

    @Override
    public void begin(int partition, long after) {
        if (!assigned.contains(partition)) return;
        consumer.seek(partitions.get(partition), after);
        ends.put(partition, after);
    }

    @Override
    public Map<Integer, Long> wanted() {
        Map<Integer, Long> wanted = Map.copyOf(asked);
        asked.clear();
        return wanted;
    }

    @Override
    public List<FedWindow> poll(Set<Integer> wanted, Duration wait) {
        return KafkaErrors.calling("reading " + description, () -> {
            listenTo(wanted);
            return pieces(next(wait));
        });
    }

    private void listenTo(Set<Integer> wanted) {
        List<TopicPartition> wait = new ArrayList<>();
        List<TopicPartition> go = new ArrayList<>();
        for (TopicPartition partition : consumer.assignment()) {
            int number = partition.partition();
            (wanted.contains(number) && ends.containsKey(number) ? go : wait).add(partition);
        }
        consumer.pause(wait);
        consumer.resume(go);
    }

    private ConsumerRecords<byte[], byte[]> next(Duration wait) {
        try {
            return consumer.poll(wait);
        } catch (
                OffsetOutOfRangeException
                        e) { // another owner has flushed and deleted it: the database says where to go on
            for (TopicPartition partition : e.partitions()) {
                consumer.pause(e.partitions());
                lose(partition);
            }
            return ConsumerRecords.empty();
        }
    }

    private List<FedWindow> pieces(ConsumerRecords<byte[], byte[]> records) {
        List<FedWindow> pieces = new ArrayList<>();
        for (TopicPartition partition : records.partitions()) {
            Long from = ends.get(partition.partition());
            FedWindow piece = from == null ? null : piece(partition, from, records.records(partition));
            if (piece != null) pieces.add(piece);
        }
        return pieces;
    }

    private @Nullable FedWindow piece(
            TopicPartition partition, long from, List<ConsumerRecord<byte[], byte[]>> records) {
        List<PendingRow> rows = new ArrayList<>();
        List<PendingAppend> appends = new ArrayList<>();
        long to = from;
        for (ConsumerRecord<byte[], byte[]> record : records) {
            try {
                take(record, rows, appends);
                to = record.offset() + 1;
            } catch (ForebayException e) {
                consumer.seek(partition, record.offset()); // what comes behind it must not be taken without it
                if (to == from) stop(partition, e);
                break;
            }
        }
        if (to == from) return null;

        ends.put(partition.partition(), to);
        long age = Math.max(0, System.currentTimeMillis() - records.get(0).timestamp());
        return new FedWindow(partition.partition(), from, to, Duration.ofMillis(age), rows, appends);
    }

    private void stop(TopicPartition partition, ForebayException reason) {
        ends.remove(partition.partition());
        unreadable.put(partition.partition(), reason);
    }

    @Override
    public Map<Integer, ForebayException> unreadable() {
        Map<Integer, ForebayException> told = Map.copyOf(unreadable);
        unreadable.clear();
        return told;
    }

    private void take(ConsumerRecord<byte[], byte[]> record, List<PendingRow> rows, List<PendingAppend> appends) {
        Entry entry = Entry.of(record);
        if (entry == null) {
            foreign(record);
        } else if (entry.isWindow()) {
            SharedWindow window = Entry.content(record);
            rows.addAll(window.rows());
            appends.addAll(window.appends());
            sizes.add(record.serializedValueSize());
        } else if (entry.kind() == Entry.Kind.ASK) {
            asked.put(record.partition(), record.offset() + 1);
        }
    }

    private void foreign(ConsumerRecord<byte[], byte[]> record) {
        TopicPartition partition = partitions.get(record.partition());
        if (foreign.add(partition))
            LOG.warn(
                    "{}: offset {} of {} was not written by Forebay and is passed over, as others like it",
                    description,
                    record.offset(),
                    partition);
    }

    @Override
    public void flushed(int partition, long upTo) {
        TopicPartition place = partitions.get(partition);
        deletions.note(place, upTo);
        hints.put(place, new OffsetAndMetadata(upTo, topicId));
        if (System.nanoTime() - hintedNanos < BETWEEN_HINTS_NANOS) return;
        hintedNanos = System.nanoTime();
        consumer.commitAsync(Map.copyOf(hints), (offsets, failure) -> {
            if (failure != null) LOG.debug("{}: how far it is was not noted: {}", description, failure.getMessage());
        });
    }

    @Override
    public void close() {
        try {
            consumer.commitSync(hints, JournalClients.END);
        } catch (KafkaException e) {
            LOG.debug("{}: how far it is was not noted: {}", description, e.getMessage());
        }
        deleteDue.run();
        consumer.close();
    }
}
