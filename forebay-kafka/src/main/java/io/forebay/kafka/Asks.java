package io.forebay.kafka;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Asks those who flush to do so, by a record in the partition: everything before it is meant. One is on its way per
 * partition at a time; who asks meanwhile has another one sent after it. Thread-safe.
 */
final class Asks {
    private final List<TopicPartition> partitions;
    private final UUID writer;
    private final Producer<byte[], byte[]> producer;
    private final Set<Integer> underWay = new HashSet<>(); // guarded by this, as the next
    private final Set<Integer> wanted = new HashSet<>();

    Asks(List<TopicPartition> partitions, UUID writer, Producer<byte[], byte[]> producer) {
        this.partitions = partitions;
        this.writer = writer;
        this.producer = producer;
    }

    void ask(int partition) {
        synchronized (this) {
            wanted.add(partition);
        }
        send(partition);
    }

    /** Sends what could not be sent before. */
    void again() {
        Set<Integer> left;
        synchronized (this) {
            left = Set.copyOf(wanted);
        }
        left.forEach(this::send);
    }

    private void send(int partition) {
        if (!take(partition)) return;
        try {
            var unused = producer.send(
                    Entry.sign(partitions.get(partition), Entry.Kind.ASK, writer),
                    (metadata, failure) -> answered(partition, failure != null));
        } catch (KafkaException | IllegalStateException e) {
            answered(partition, true);
        }
    }

    private synchronized boolean take(int partition) {
        if (underWay.contains(partition) || !wanted.remove(partition)) return false;
        underWay.add(partition);
        return true;
    }

    private void answered(int partition, boolean failed) {
        synchronized (this) {
            underWay.remove(partition);
            if (failed) wanted.add(partition);
        }
        if (!failed) send(partition);
    }
}
