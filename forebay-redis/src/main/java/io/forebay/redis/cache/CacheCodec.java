package io.forebay.redis.cache;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.forebay.spi.Bytes;
import java.io.IOException;
import java.util.function.Function;

/**
 * Values of a cache as bytes. Implementations are thread-safe. A value that cannot be read any more, because the class has
 * changed since, is loaded again: {@link #read} may throw whatever it likes.
 */
public interface CacheCodec<V> {
    byte[] write(V value);

    V read(byte[] bytes);

    /**
     * JSON in UTF-8, by Jackson, with the modules that are on the class path.
     *
     * @param type what values are read as: a record, a map, or whatever else Jackson can make
     */
    static <V> CacheCodec<V> json(Class<V> type) {
        ObjectMapper mapper = JsonMapper.builder().findAndAddModules().build();
        return new CacheCodec<>() {
            @Override
            public byte[] write(V value) {
                try {
                    return mapper.writeValueAsBytes(value);
                } catch (JsonProcessingException e) {
                    throw new IllegalArgumentException(
                            "a value of %s cannot be written as JSON: %s".formatted(type, e.getOriginalMessage()), e);
                }
            }

            @Override
            public V read(byte[] bytes) {
                try {
                    return mapper.readValue(bytes, type);
                } catch (IOException e) {
                    throw new IllegalArgumentException("this is no JSON of " + type, e);
                }
            }
        };
    }

    /** Bytes as they are. */
    static CacheCodec<Bytes> bytes() {
        return of(Bytes::toArray, Bytes::copyOf);
    }

    /** Any two functions. */
    static <V> CacheCodec<V> of(Function<? super V, byte[]> write, Function<byte[], ? extends V> read) {
        return new CacheCodec<>() {
            @Override
            public byte[] write(V value) {
                return write.apply(value);
            }

            @Override
            public V read(byte[] bytes) {
                return read.apply(bytes);
            }
        };
    }
}
