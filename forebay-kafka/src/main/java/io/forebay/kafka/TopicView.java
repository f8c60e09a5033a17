package io.forebay.kafka;

import io.forebay.ForebayException;
import io.forebay.spi.RowKey;
import io.forebay.spi.SharedJournal.Tail;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that follows the whole topic, so that reads find here what is pending. It holds what the database is not known
 * to hold. Thread-safe.
 */
final class TopicView implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TopicView.class);
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long END_MILLIS = 2_000;

    private final String description;
    private final List<TopicPartition> partitions;
    private final UUID writer;
    private final List<PartitionView> views = new ArrayList<>();
    private final Consumer<byte[], byte[]> consumer; // of the thread
    private final Thread thread;
    private volatile boolean closed;

    /**
     * Begins to follow.
     *
     * @param writer the own one, whose windows are looked out for
     * @param from where to begin: what stands before is in the database
     */
    TopicView(
            String description,
            List<TopicPartition> partitions,
            UUID writer,
            Consumer<byte[], byte[]> consumer,
            Map<TopicPartition, Long> from) {
        this.description = description;
        this.partitions = partitions;
        this.writer = writer;
        this.consumer = consumer;
        consumer.assign(partitions);
        for (TopicPartition partition : partitions) {
            PartitionView view = new PartitionView(partition.toString());
            views.add(view);
            restart(partition, from.getOrDefault(partition, 0L));
        }
        this.thread = new Thread(this::run, "forebay-view-" + partitions.get(0).topic());
        this.thread.setDaemon(true);
        this.thread.start();
    }

    private void restart(TopicPartition partition, long offset) {
        consumer.seek(partition, offset);
        views.get(partition.partition()).restart(offset);
    }

    private void run() {
        try (consumer) {
            while (!closed) turn();
        } catch (ForebayException e) {
            LOG.error("{} cannot be read any more: {}", description, e.getMessage());
            views.forEach(view -> view.fail(e));
        } catch (WakeupException e) {
            LOG.debug("{}: the view was closed", description);
        }
    }

    private void turn() {
        try {
            take(consumer.poll(POLL));
        } catch (OffsetOutOfRangeException e) {
            skip(e);
        } catch (WakeupException e) {
            throw e;
        } catch (KafkaException e) {
            LOG.warn("{} cannot be read now: {}", description, e.getMessage());
        }
    }

    private void take(ConsumerRecords<byte[], byte[]> records) {
        for (ConsumerRecord<byte[], byte[]> record : records) take(record);
        for (TopicPartition partition : partitions)
            views.get(partition.partition()).reached(consumer.position(partition));
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        Entry entry = Entry.of(record);
        if (entry == null || !entry.isWindow()) return;
        PartitionView view = views.get(record.partition());
        synchronized (view) { // a read sees both or none
            view.add(record.offset(), Entry.content(record));
            if (entry.writer().equals(writer)) view.seen(entry.number());
        }
    }

    /** Only what the database holds is deleted, so what is left says what is pending. */
    private void skip(OffsetOutOfRangeException e) {
        consumer.beginningOffsets(e.partitions()).forEach(this::restart);
    }

    /** See {@link PartitionView#tail}. */
    Tail tail(int partition, RowKey key, long from, long known, Written own, Duration timeout) {
        return views.get(partition).tail(key, from, known, own, timeout.toNanos());
    }

    /** The database holds everything up to these sequences. */
    void release(Map<TopicPartition, Long> watermarks) {
        watermarks.forEach((partition, watermark) -> {
            if (partition.partition() < views.size())
                views.get(partition.partition()).release(watermark);
        });
    }

    @Override
    public void close() {
        closed = true;
        consumer.wakeup();
        try {
            thread.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
