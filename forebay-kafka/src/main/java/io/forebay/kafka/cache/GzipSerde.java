package io.forebay.kafka.cache;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Values compressed one by one with gzip, for topics whose few values are large. It writes gzip always, and reads bytes that
 * do not begin like gzip as they are, so that a topic may change over. Thread-safe if the serde within is.
 */
public final class GzipSerde<T> implements Serde<T> {
    private static final int MAX_BYTES = 256 << 20;

    private final Serde<T> within;

    private GzipSerde(Serde<T> within) {
        this.within = within;
    }

    /** Compresses what {@code serde} writes. A value of more than 256 MiB is a bad record, so that a small one cannot fill the heap. */
    public static <T> GzipSerde<T> around(Serde<T> serde) {
        return new GzipSerde<>(serde);
    }

    @Override
    public Serializer<T> serializer() {
        Serializer<T> plain = within.serializer();
        return (topic, value) -> compressed(plain.serialize(topic, value));
    }

    @Override
    public Deserializer<T> deserializer() {
        Deserializer<T> plain = within.deserializer();
        return (topic, bytes) -> plain.deserialize(topic, isGzip(bytes) ? expanded(bytes) : bytes);
    }

    private static byte @Nullable [] compressed(byte @Nullable [] bytes) {
        if (bytes == null) return null;
        ByteArrayOutputStream target = new ByteArrayOutputStream(bytes.length / 2 + 32);
        try (GZIPOutputStream gzip = new GZIPOutputStream(target)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new SerializationException("gzip", e);
        }
        return target.toByteArray();
    }

    private static boolean isGzip(byte @Nullable [] bytes) {
        return bytes != null && bytes.length > 2 && bytes[0] == 0x1f && bytes[1] == (byte) 0x8b;
    }

    private static byte[] expanded(byte[] bytes) {
        try (GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            byte[] expanded = gzip.readNBytes(MAX_BYTES + 1);
            if (expanded.length > MAX_BYTES)
                throw new SerializationException("a value of more than " + MAX_BYTES + " bytes when expanded");
            return expanded;
        } catch (IOException e) {
            throw new SerializationException("damaged gzip: " + e.getMessage(), e);
        }
    }
}
