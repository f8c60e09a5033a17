package io.forebay.redis;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.forebay.spi.JsonValue;
import java.io.IOException;

/**
 * Values as they are kept in Redis: JSON in UTF-8. A value in normal form has one text only, so that a set has it once, and
 * a whole number is one that Redis counts with.
 */
final class JsonCodec {
    private static final int MAX_LENGTH = 16 << 20; // what JsonValue takes, and more
    private static final int MAX_DEPTH = 200;
    private static final int MAX_NUMBER = 2_000;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxStringLength(MAX_LENGTH)
                            .maxNameLength(MAX_LENGTH)
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(MAX_NUMBER)
                            .build())
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES) // names are data, not kept for ever
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonCodec() {}

    /** @param normal in the form of {@link JsonValue} */
    static byte[] bytes(Object normal) {
        try {
            return MAPPER.writeValueAsBytes(normal);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a value in normal form can always be written", e);
        }
    }

    /**
     * The value in normal form.
     *
     * @throws IllegalArgumentException if it is no JSON, or more than a value may be
     */
    static Object value(byte[] bytes) {
        try {
            return JsonValue.normal(MAPPER.readValue(bytes, Object.class));
        } catch (IOException e) {
            throw new IllegalArgumentException("this is no JSON", e);
        }
    }
}
