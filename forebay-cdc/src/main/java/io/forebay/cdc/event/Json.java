package io.forebay.cdc.event;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Reads JSON as Debezium's converters write it, with and without a schema beside it. */
final class Json {
    private static final ObjectReader READER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build()
            .readerFor(JsonNode.class);

    private Json() {}

    /** Empty if the text is no JSON. */
    static Optional<JsonNode> read(String text) {
        try {
            JsonNode node = READER.readValue(text);
            return node == null || node.isMissingNode() ? Optional.empty() : Optional.of(node);
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    /**
     * What is left without {@code {"schema": …, "payload": …}}. A {@code payload} alone is one only around an object or null: a
     * row may have a column of that name.
     */
    static JsonNode withoutSchema(JsonNode node) {
        if (!(node instanceof ObjectNode object) || !object.has("payload")) return node;
        JsonNode payload = object.get("payload");
        if (namesOf(object).equals(Set.of("schema", "payload"))) return payload;
        boolean alone = object.size() == 1 && (payload.isObject() || payload.isNull());
        return alone ? payload : node;
    }

    private static Set<String> namesOf(ObjectNode object) {
        Set<String> names = new HashSet<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** The field's text; empty if it is absent, null, or something else. */
    static Optional<String> text(JsonNode object, String field) {
        JsonNode value = object.path(field);
        return value.isTextual() ? Optional.of(value.textValue()) : Optional.empty();
    }

    /** Null as a node, or what was given. */
    static JsonNode orNull(Optional<JsonNode> node) {
        return node.orElse(NullNode.getInstance());
    }
}
