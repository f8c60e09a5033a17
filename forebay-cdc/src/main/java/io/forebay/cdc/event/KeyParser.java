package io.forebay.cdc.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads keys: objects, with a schema or without, MongoDB's ids inside a text, single values, and {@code Struct{id=1}}. */
final class KeyParser {
    private static final Pattern STRUCT = Pattern.compile("Struct\\{(.*)}", Pattern.DOTALL);
    private static final Pattern STRUCT_FIELD = Pattern.compile("(?:^|,)(\\w+)=((?:(?!,\\w+=).)*)", Pattern.DOTALL);
    private static final String SINGLE = "id";

    private KeyParser() {}

    /**
     * The key of a record; null if it has none.
     *
     * @param connector as the value names it, empty if it does not
     */
    static @Nullable CanonicalKey parse(@Nullable Payload key, String connector) {
        if (key == null) return null;
        String text = key.text().orElseThrow(() -> new UnknownShapeException("the key is not UTF-8 text", null));
        Optional<JsonNode> json = Json.read(text).map(Json::withoutSchema);
        return json.isPresent() ? ofJson(json.get(), connector) : ofText(text);
    }

    /** The key that a header of a changed key holds. */
    static @Nullable CanonicalKey ofHeader(@Nullable Payload header, String connector) {
        return header == null ? null : parse(header, connector);
    }

    private static @Nullable CanonicalKey ofJson(JsonNode key, String connector) {
        if (key.isNull()) return null;
        if (key instanceof ObjectNode columns && !Values.isExtended(columns)) return ofColumns(columns, connector);
        return CanonicalKey.of(SINGLE, key);
    }

    private static @Nullable CanonicalKey ofColumns(ObjectNode columns, String connector) {
        if (columns.isEmpty()) return null;
        JsonNode id = columns.get("id");
        if (columns.size() > 1 || id == null || !id.isTextual()) return CanonicalKey.of(columns);
        return CanonicalKey.of("id", connector.equals("mongodb") ? documentId(id) : perhapsDocumentId(id));
    }

    /** MongoDB's connector writes the id as JSON inside a text. */
    private static JsonNode documentId(JsonNode id) {
        return Json.read(id.textValue()).orElse(id);
    }

    /** Without the connector's name only what no other database would write is taken for MongoDB's. */
    private static JsonNode perhapsDocumentId(JsonNode id) {
        JsonNode inner = documentId(id);
        boolean quoted = inner.isTextual() && !inner.equals(id);
        boolean extended = inner instanceof ObjectNode object && Values.isExtended(object);
        return quoted || extended ? inner : id;
    }

    /** A key that is no JSON: Kafka Connect's {@code StringConverter} writes a struct so, or a single value plainly. */
    private static CanonicalKey ofText(String text) {
        Matcher struct = STRUCT.matcher(text);
        if (!struct.matches()) return CanonicalKey.of(SINGLE, TextNode.valueOf(text));
        ObjectNode columns = JsonNodeFactory.instance.objectNode();
        Matcher field = STRUCT_FIELD.matcher(struct.group(1));
        while (field.find()) columns.set(field.group(1), scalar(field.group(2)));
        if (columns.isEmpty())
            throw new UnknownShapeException(
                    "the key begins with 'Struct{' but has no fields of the form name=value: set key.converter to"
                            + " org.apache.kafka.connect.json.JsonConverter",
                    null);
        return CanonicalKey.of(columns);
    }

    /** The types are lost in that form: what looks like a whole number is taken for one. */
    private static JsonNode scalar(String text) {
        return Json.read(text).filter(JsonNode::isIntegralNumber).orElse(TextNode.valueOf(text));
    }
}
