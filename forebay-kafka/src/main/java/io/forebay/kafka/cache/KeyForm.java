package io.forebay.kafka.cache;

import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Keys as objects and as bytes. Thread-safe. */
final class KeyForm<K> {
    private final String topic;
    private final Serde<K> serde;
    private final boolean canonical;
    private final boolean prefixes;

    KeyForm(String topic, Serde<K> serde) {
        this.topic = topic;
        this.serde = serde;
        Class<?> type = serde.deserializer().getClass();
        this.prefixes = type == StringDeserializer.class || type == ByteArrayDeserializer.class;
        this.canonical = type.getPackage() == StringDeserializer.class.getPackage();
    }

    /** Whether the serialized beginning of a key is the beginning of the serialized key. */
    boolean hasPrefixes() {
        return prefixes;
    }

    K key(byte[] bytes) {
        return serde.deserializer().deserialize(topic, bytes);
    }

    /**
     * Under which bytes a key is found.
     *
     * @throws IllegalArgumentException if it cannot be serialized
     */
    Key of(K key) {
        try {
            byte[] bytes = serde.serializer().serialize(topic, key);
            if (bytes == null) throw new IllegalArgumentException("a key must not be null");
            return new Key(bytes);
        } catch (SerializationException | ClassCastException e) {
            throw new IllegalArgumentException("the key cannot be serialized: " + e.getMessage(), e);
        }
    }

    /** Whether each key has one spelling in bytes; a JSON object, for instance, has several. */
    boolean isCanonical() {
        return canonical;
    }
}
