package io.forebay.kafka.cache;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Makes changes of records: deserializes, validates, resolves. The same for the first record and the last. One thread. */
final class Decoder<K, V> {
    private static final byte[] NULL_TEXT = {'n', 'u', 'l', 'l'};

    private final Settings<K, V> settings;

    Decoder(Settings<K, V> settings) {
        this.settings = settings;
    }

    /** Whether the record says that its key has no value any more. */
    boolean isDeletion(ConsumerRecord<byte[], byte[]> record) {
        byte[] value = record.value();
        return value == null || settings.nullTextDeletes() && Arrays.equals(value, NULL_TEXT);
    }

    /**
     * The record deserialized and validated; null if its value is, which is a deletion, too.
     *
     * @throws BadRecordException for whatever serdes and validator throw
     */
    @Nullable
    LogRecord<K, V> decode(ConsumerRecord<byte[], byte[]> record) {
        K key = decodeKey(record);
        V value = decodeValue(record);
        if (value == null) return null;
        settings.records().ifPresent(validator -> check("records", validator, key, value));
        return new LogRecord<>(
                key,
                value,
                new LogPosition(record.partition(), record.offset()),
                Instant.ofEpochMilli(Math.max(0, record.timestamp())),
                record.headers());
    }

    /**
     * What the resolver makes of the record.
     *
     * @throws BadRecordException if it throws, or a change is not valid
     */
    List<Change<K, V>> resolve(Resolver<K, V> resolver, LogRecord<K, V> record) {
        List<Change<K, V>> changes;
        try {
            changes = List.copyOf(resolver.resolve(record));
        } catch (RuntimeException e) {
            throw BadRecordException.poison("the resolver failed", e);
        }
        for (Change<K, V> change : changes)
            if (change instanceof Change.Put<K, V> put) checkChange(put.key(), put.value());
        return changes;
    }

    /** As for what the resolver makes. */
    void checkChange(K key, V value) {
        settings.changes().ifPresent(validator -> check("changes", validator, key, value));
    }

    private void check(String what, Validator<K, V> validator, K key, V value) {
        Optional<String> problem;
        try {
            problem = validator.problem(key, value);
        } catch (RuntimeException e) {
            throw BadRecordException.poison("the validator of " + what + " failed", e);
        }
        if (problem.isPresent()) throw BadRecordException.rejected(what, problem.get());
    }

    private K decodeKey(ConsumerRecord<byte[], byte[]> record) {
        try {
            return settings.keys().deserializer().deserialize(record.topic(), record.headers(), record.key());
        } catch (RuntimeException e) {
            throw BadRecordException.poison("its key cannot be deserialized", e);
        }
    }

    private @Nullable V decodeValue(ConsumerRecord<byte[], byte[]> record) {
        try {
            return settings.values().deserializer().deserialize(record.topic(), record.headers(), record.value());
        } catch (RuntimeException e) {
            throw BadRecordException.poison("its value cannot be deserialized", e);
        }
    }
}
