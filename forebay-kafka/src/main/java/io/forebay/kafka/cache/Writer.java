package io.forebay.kafka.cache;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;

/** Writes to the topic. Thread-safe. */
final class Writer<K, V> implements AutoCloseable {
    private final Settings<K, V> settings;
    private final KeyForm<K> keys;
    private final Producer<byte[], byte[]> producer;
    private final Counters counters;

    Writer(Settings<K, V> settings, KeyForm<K> keys, Producer<byte[], byte[]> producer, Counters counters) {
        this.settings = settings;
        this.keys = keys;
        this.producer = producer;
        this.counters = counters;
    }

    CompletableFuture<LogPosition> put(K key, V value) {
        settings.writes().flatMap(validator -> validator.problem(key, value)).ifPresent(problem -> {
            throw new InvalidWriteException(settings.name() + ": the validator of writes refuses it: " + problem, null);
        });
        return send(key, serialized(value));
    }

    CompletableFuture<LogPosition> delete(K key) {
        return send(key, null);
    }

    private byte[] serialized(V value) {
        byte[] bytes;
        try {
            bytes = settings.values().serializer().serialize(settings.topic(), value);
        } catch (RuntimeException e) {
            throw new InvalidWriteException(settings.name() + ": the value cannot be serialized: " + e.getMessage(), e);
        }
        if (bytes == null)
            throw new InvalidWriteException(settings.name() + ": the value is null; to remove a key use delete", null);
        return bytes;
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the callback gets the same answer
    private CompletableFuture<LogPosition> send(K key, byte @Nullable [] value) {
        Key bytes = keys.of(key);
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(settings.topic(), bytes.bytes(), value);
        CompletableFuture<LogPosition> result = new CompletableFuture<>();
        long begun = System.nanoTime();
        try {
            producer.send(record, (metadata, error) -> complete(result, begun, metadata, error));
        } catch (KafkaException e) {
            complete(result, begun, null, e);
        } catch (IllegalStateException e) { // closed meanwhile
            result.completeExceptionally(new CacheStoppedException(settings.name() + ": closed", e));
        }
        return result;
    }

    private void complete(
            CompletableFuture<LogPosition> result,
            long begun,
            @Nullable RecordMetadata metadata,
            @Nullable Exception error) {
        if (error == null && metadata != null) {
            counters.puts.increment();
            counters.putNanos.add(System.nanoTime() - begun);
            result.complete(new LogPosition(metadata.partition(), metadata.offset()));
            return;
        }
        counters.putErrors.increment();
        Exception cause = error == null ? new KafkaException("no answer") : error;
        String message = settings.name() + ": Kafka did not take the write: " + cause.getMessage();
        result.completeExceptionally(new CacheWriteException(message, cause, cause instanceof RetriableException));
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
