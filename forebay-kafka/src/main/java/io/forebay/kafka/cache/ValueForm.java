package io.forebay.kafka.cache;

import org.apache.kafka.common.serialization.Serde;

/**
 * How a store holds values: as objects in memory, as bytes on disk.
 *
 * @param <H> the held form
 */
interface ValueForm<V, H> {
    /** The held form of a value that is the record's own. */
    H ofRecord(V value, byte[] recordValue);

    /** The held form of a value that a resolver made. */
    H of(V value);

    V value(H held);

    /** The object itself. */
    static <V> ValueForm<V, V> objects() {
        return new ValueForm<>() {
            @Override
            public V ofRecord(V value, byte[] recordValue) {
                return value;
            }

            @Override
            public V of(V value) {
                return value;
            }

            @Override
            public V value(V held) {
                return held;
            }
        };
    }

    /** What the serde makes of it, or the record had. */
    static <V> ValueForm<V, byte[]> bytes(String topic, Serde<V> serde) {
        return new ValueForm<>() {
            @Override
            public byte[] ofRecord(V value, byte[] recordValue) {
                return recordValue;
            }

            @Override
            public byte[] of(V value) {
                return serde.serializer().serialize(topic, value);
            }

            @Override
            public V value(byte[] held) {
                return serde.deserializer().deserialize(topic, held);
            }
        };
    }
}
