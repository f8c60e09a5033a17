package io.forebay.kafka;

import io.forebay.JournalForceException;
import io.forebay.JournalWriteException;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.TransientSinkException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.jspecify.annotations.Nullable;

/**
 * Appends windows, each as one record and each once. A producer sends a record again by itself, and the broker knows it
 * then; but when the producer gives up, the record may be in, may come later, or never. So before anything else is sent, a
 * barrier goes through the <em>same</em> producer: once that is in, the broker refuses every earlier record of this
 * producer, and the log up to the barrier tells whether the window is in. Decision 18 has the proof. Thread-safe.
 */
final class WindowWriter {
    /** A producer begins anew, as somebody whom the broker does not know, after 32,767 failures: that must not happen. */
    private static final int MAX_FAILURES = 30_000;

    private static final Duration POLL = Duration.ofMillis(100);
    private static final long SEARCH_NANOS = Duration.ofSeconds(30).toNanos();

    private final String description;
    private final List<TopicPartition> partitions;
    private final UUID id;
    private final List<Written> written;
    private final Producer<byte[], byte[]> producer;
    private final Supplier<? extends Consumer<byte[], byte[]>> readers;
    private final Executor settling;
    private final Sizes sizes;
    private final AtomicInteger failures = new AtomicInteger();

    /**
     * @param id names this writer; used nowhere else
     * @param written how far it is, by partition
     * @param producer sends nothing else
     * @param settling where it is found out whether a window is in; may be waited in
     */
    WindowWriter(
            String description,
            List<TopicPartition> partitions,
            UUID id,
            List<Written> written,
            Producer<byte[], byte[]> producer,
            Supplier<? extends Consumer<byte[], byte[]>> readers,
            Executor settling,
            Sizes sizes) {
        this.description = description;
        this.partitions = partitions;
        this.id = id;
        this.written = written;
        this.producer = producer;
        this.readers = readers;
        this.settling = settling;
        this.sizes = sizes;
    }

    /** See {@link io.forebay.spi.SharedJournal#append}. */
    CompletableFuture<Long> append(int partition, long number, SharedWindow window) {
        Throwable doubt = written.get(partition).doubt();
        if (doubt == null) return send(partition, number, window);
        return CompletableFuture.supplyAsync(() -> settle(partition, number, doubt), settling)
                .thenCompose(
                        end -> end == null ? send(partition, number, window) : CompletableFuture.completedFuture(end));
    }

    private CompletableFuture<Long> send(int partition, long number, SharedWindow window) {
        Written lane = written.get(partition);
        ProducerRecord<byte[], byte[]> record = Entry.window(partitions.get(partition), id, number, window);
        lane.begin();
        return send(record).handle((sent, failure) -> {
            if (failure == null) return lane.arrived(number, sent.offset() + 1);
            lane.doubt(failure);
            throw unsure("window %d of partition %d".formatted(number, partition), failure);
        });
    }

    private CompletableFuture<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
        CompletableFuture<RecordMetadata> sent = new CompletableFuture<>();
        try {
            var unused = producer.send(record, (metadata, failure) -> {
                if (failure == null) sent.complete(metadata);
                else fail(sent, failure);
            });
            sizes.add(record.value().length);
        } catch (KafkaException | IllegalStateException e) {
            fail(sent, e);
        }
        return sent;
    }

    private void fail(CompletableFuture<RecordMetadata> sent, Exception reason) {
        failures.incrementAndGet();
        sent.completeExceptionally(reason);
    }

    /**
     * Finds out whether a window is in. If it is not, it never will be.
     *
     * @return where it ends, or null if it is not in
     */
    private @Nullable Long settle(int partition, long number, Throwable doubt) {
        Written lane = written.get(partition);
        long barrier = barrier(partition);
        OptionalLong found = find(partition, number, barrier);
        if (found.isPresent()) return lane.arrived(number, found.getAsLong() + 1);

        lane.settled(barrier + 1);
        if (doubt instanceof RecordTooLargeException)
            throw new JournalWriteException(
                    description + " takes no record of that size: " + doubt.getMessage(), doubt);
        return null;
    }

    private long barrier(int partition) {
        if (failures.get() > MAX_FAILURES)
            throw new TransientSinkException(
                    "%s: %d records failed: this buffer has to be closed and opened again"
                            .formatted(description, failures.get()),
                    null);
        String what = "finding out how partition %d ends".formatted(partition);
        return send(Entry.sign(partitions.get(partition), Entry.Kind.BARRIER, id))
                .handle((sent, failure) -> {
                    if (failure == null) return sent.offset();
                    throw unsure(what, failure);
                })
                .join();
    }

    private TransientSinkException unsure(String what, Throwable failure) {
        return new TransientSinkException(
                "%s: %s is not answered: %s".formatted(description, what, failure.getMessage()), failure);
    }

    private OptionalLong find(int partition, long number, long barrier) {
        long from = written.get(partition).end();
        return KafkaErrors.calling(description + ": looking for a window", () -> {
            try (Consumer<byte[], byte[]> reader = readers.get()) {
                TopicPartition place = partitions.get(partition);
                reader.assign(List.of(place));
                long start = start(reader, place);
                reader.seek(place, Math.max(from, start));
                OptionalLong found = find(reader, place, number, barrier);
                if (found.isEmpty() && start > from) throw deleted(place, number, from, start);
                return found;
            }
        });
    }

    private static long start(Consumer<byte[], byte[]> reader, TopicPartition partition) {
        Map<TopicPartition, Long> starts = reader.beginningOffsets(List.of(partition));
        return starts.getOrDefault(partition, 0L);
    }

    private OptionalLong find(Consumer<byte[], byte[]> reader, TopicPartition partition, long number, long barrier) {
        long begun = System.nanoTime();
        while (reader.position(partition) <= barrier) {
            for (ConsumerRecord<byte[], byte[]> record : reader.poll(POLL).records(partition))
                if (isMine(Entry.of(record), number)) return OptionalLong.of(record.offset());
            if (System.nanoTime() - begun > SEARCH_NANOS)
                throw new TransientSinkException(description + " is not read in time", null);
        }
        return OptionalLong.empty();
    }

    private boolean isMine(@Nullable Entry entry, long number) {
        return entry != null
                && entry.isWindow()
                && entry.number() == number
                && entry.writer().equals(id);
    }

    private JournalForceException deleted(TopicPartition partition, long number, long from, long start) {
        Written lane = written.get(partition.partition());
        lane.settled(start);
        return new JournalForceException(
                "%s: whether window %d is in partition %d will never be known: Kafka was not reached from here for so long that others have flushed and deleted offsets %d to %d"
                        .formatted(description, number, partition.partition(), from, start),
                null);
    }
}
