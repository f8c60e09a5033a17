package io.forebay.kafka.cache;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.io.IOException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/** Keys and values as JSON, by Jackson. All are thread-safe. */
public final class JsonSerdes {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private JsonSerdes() {}

    /** Any JSON. The text {@code null} is a value here. */
    public static Serde<JsonNode> tree() {
        return of(JsonNode.class, MAPPER);
    }

    /** Objects of one class, by a mapper without modules. */
    public static <T> Serde<T> of(Class<T> type) {
        return of(type, MAPPER);
    }

    /** Objects of one class, by a mapper of the caller's, which must not be configured any more. */
    public static <T> Serde<T> of(Class<T> type, ObjectMapper mapper) {
        ObjectWriter writer = mapper.writerFor(type);
        ObjectReader reader = mapper.reader();
        return Serdes.serdeFrom(
                (topic, value) -> write(writer, value),
                (topic, bytes) -> bytes == null ? null : read(reader, type, bytes));
    }

    private static byte @Nullable [] write(ObjectWriter writer, @Nullable Object value) {
        try {
            return value == null ? null : writer.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new SerializationException("not writable as JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static <T> T read(ObjectReader reader, Class<T> type, byte[] bytes) {
        try {
            return reader.readValue(bytes, type);
        } catch (JsonProcessingException e) {
            throw new SerializationException("no JSON of the expected form: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new SerializationException("no JSON of the expected form", e);
        }
    }
}
