package io.forebay.kafka;

import io.forebay.codec.PendingCodec;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TransientSinkException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Definitions of tables, in a compacted topic of their own: key is the name, the newest value counts. Thread-safe. */
final class TableShelf implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final long READ_NANOS = Duration.ofSeconds(30).toNanos();

    private final TopicPartition place;
    private final Consumer<byte[], byte[]> consumer; // guarded by this, as the next
    private final Map<String, TableDefinition> tables = new HashMap<>();
    private final Producer<byte[], byte[]> producer;

    TableShelf(TopicPartition place, Consumer<byte[], byte[]> consumer, Producer<byte[], byte[]> producer) {
        this.place = place;
        this.consumer = consumer;
        this.producer = producer;
        consumer.assign(List.of(place));
        consumer.seekToBeginning(List.of(place));
    }

    /** Keeps a definition; it is there for all when this returns. */
    void define(TableDefinition table) {
        String name = table.info().name();
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                place.topic(),
                place.partition(),
                name.getBytes(StandardCharsets.UTF_8),
                PendingCodec.encodeTable(table));
        KafkaErrors.await(producer.send(record));
        synchronized (this) {
            tables.put(name, table);
        }
    }

    /** The definition of a table; if it is not known yet, the topic is read to its end. */
    synchronized Optional<TableDefinition> definition(String table) {
        if (!tables.containsKey(table)) readToEnd();
        return Optional.ofNullable(tables.get(table));
    }

    private void readToEnd() {
        long end = consumer.endOffsets(List.of(place)).getOrDefault(place, 0L);
        long begun = System.nanoTime();
        while (consumer.position(place) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) take(record);
            if (System.nanoTime() - begun > READ_NANOS)
                throw new TransientSinkException(place + " is not read in time", null);
        }
    }

    private void take(ConsumerRecord<byte[], byte[]> record) {
        String name = new String(record.key(), StandardCharsets.UTF_8);
        if (record.value() == null) tables.remove(name);
        else tables.put(name, PendingCodec.decodeTable(record.value()));
    }

    @Override
    public synchronized void close() {
        consumer.close();
    }
}
