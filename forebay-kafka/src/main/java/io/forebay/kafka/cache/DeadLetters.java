package io.forebay.kafka.cache;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;

/** Copies bad records to another topic. One thread. */
final class DeadLetters implements AutoCloseable {
    private static final int MAX_REASON_CHARS = 1000;

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final Counters counters;
    private final List<Future<RecordMetadata>> underWay = new ArrayList<>();
    private @Nullable Producer<byte[], byte[]> producer; // made for the first one

    DeadLetters(Supplier<Producer<byte[], byte[]>> producers, Counters counters) {
        this.producers = producers;
        this.counters = counters;
    }

    void send(String topic, ConsumerRecord<byte[], byte[]> record, BadRecordException problem) {
        Producer<byte[], byte[]> to = producer;
        if (to == null) producer = to = producers.get();
        ProducerRecord<byte[], byte[]> letter = new ProducerRecord<>(topic, null, record.key(), record.value());
        record.headers().forEach(letter.headers()::add);
        String reason = String.valueOf(problem.getMessage());
        letter.headers()
                .add("forebay.topic", bytes(record.topic()))
                .add("forebay.partition", bytes(Integer.toString(record.partition())))
                .add("forebay.offset", bytes(Long.toString(record.offset())))
                .add("forebay.reason", bytes(reason.substring(0, Math.min(reason.length(), MAX_REASON_CHARS))));
        underWay.add(to.send(letter));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Waits until Kafka has all of them.
     *
     * @throws ExecutionException if it did not take one; all are forgotten, to be sent again with their records
     */
    void settle() throws InterruptedException, ExecutionException {
        try {
            for (Future<RecordMetadata> sent : underWay) sent.get();
            counters.deadLetters.add(underWay.size());
        } finally {
            underWay.clear();
        }
    }

    @Override
    public void close() {
        if (producer != null) producer.close(Duration.ofSeconds(1));
    }
}
