package io.forebay.cdc.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Base64;
import java.util.Iterator;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;

/**
 * Values of columns: JSON, and MongoDB's types written as extended JSON, which Debezium spells in three ways (v1 strict, v2
 * relaxed, v2 canonical).
 */
public final class Values {
    private static final String UNAVAILABLE = "__debezium_unavailable_value";
    private static final byte[] UNAVAILABLE_BYTES = UNAVAILABLE.getBytes(StandardCharsets.UTF_8);
    private static final String UNAVAILABLE_BASE64 = Base64.getEncoder().encodeToString(UNAVAILABLE_BYTES);
    private static final String UNAVAILABLE_UUID =
            UUID.nameUUIDFromBytes(UNAVAILABLE_BYTES).toString();
    private static final JsonNode UNAVAILABLE_NUMBERS = IntStream.range(0, UNAVAILABLE_BYTES.length)
            .map(i -> UNAVAILABLE_BYTES[i])
            .collect(
                    JsonNodeFactory.instance::arrayNode,
                    (array, number) -> array.add(number),
                    (left, right) -> left.addAll(right));

    /** A value and its type. */
    private record Typed(String type, String text) {}

    private Values() {}

    /**
     * As cache keys have it: a number, a text without quotes, an ObjectId's 24 digits, a date in milliseconds since 1970, bytes in
     * Base64.
     */
    public static String render(JsonNode value) {
        return typed(value).text();
    }

    /** With its type before it, so that values of two types are never equal. */
    static String canonical(JsonNode value) {
        Typed typed = typed(value);
        String text = typed.type().equals("n") ? plain(typed.text()) : typed.text();
        return typed.type() + ":" + text.replace("\\", "\\\\").replace("|", "\\|");
    }

    /** 1.50 is 1.5, for databases too. */
    private static String plain(String number) {
        try {
            return new BigDecimal(number).stripTrailingZeros().toPlainString();
        } catch (NumberFormatException e) {
            return number; // MongoDB has decimals that are no numbers
        }
    }

    private static Typed typed(JsonNode value) {
        if (value.isTextual()) return new Typed("s", value.textValue());
        if (value.isIntegralNumber())
            return new Typed("i", value.bigIntegerValue().toString());
        if (value.isNumber()) return new Typed("f", value.asText());
        if (value.isBoolean()) return new Typed("t", value.asText());
        if (value.isNull()) return new Typed("0", "null");
        if (value instanceof ObjectNode object && isExtended(object)) return extended(object);
        return new Typed("c", container(value));
    }

    /** Whether it is one of MongoDB's types, and no document. */
    static boolean isExtended(ObjectNode object) {
        Iterator<String> names = object.fieldNames();
        return names.hasNext() && names.next().startsWith("$");
    }

    private static Typed extended(ObjectNode object) {
        String type = object.fieldNames().next();
        JsonNode value = object.get(type);
        return switch (type) {
            case "$oid" -> new Typed("o", value.asText());
            case "$numberInt", "$numberLong" -> new Typed("i", value.asText());
            case "$numberDouble" -> new Typed("f", value.asText());
            case "$numberDecimal" -> new Typed("n", value.asText());
            case "$date" -> new Typed("d", millis(value));
            case "$binary" -> binary(object, value);
            case "$uuid" -> binary("04", base64(value.asText()));
            case "$symbol" -> new Typed("s", value.asText());
            default -> new Typed("c", container(object));
        };
    }

    /** {@code 1558965508000}, {@code {"$numberLong": "1558965508000"}} or {@code "2019-05-27T13:58:28Z"}. */
    private static String millis(JsonNode date) {
        if (!date.isTextual()) return typed(date).text();
        try {
            Instant instant = OffsetDateTime.parse(date.textValue()).toInstant();
            return Long.toString(instant.toEpochMilli());
        } catch (DateTimeException e) {
            return date.textValue();
        }
    }

    /** {@code {"$binary": {"base64": …, "subType": …}}} or {@code {"$binary": …, "$type": …}}. */
    private static Typed binary(ObjectNode object, JsonNode value) {
        if (value.isObject())
            return binary(value.path("subType").asText(), value.path("base64").asText());
        return binary(object.path("$type").asText(), value.asText());
    }

    private static Typed binary(String subType, String base64) {
        String twoDigits = subType.length() == 1 ? "0" + subType : subType;
        return new Typed("b:" + twoDigits, base64);
    }

    private static String base64(String uuid) {
        UUID parsed = UUID.fromString(uuid);
        byte[] bytes = java.nio.ByteBuffer.allocate(16)
                .putLong(parsed.getMostSignificantBits())
                .putLong(parsed.getLeastSignificantBits())
                .array();
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** In the order the database has, without spaces. */
    private static String container(JsonNode value) {
        if (value.isArray())
            return StreamSupport.stream(value.spliterator(), false)
                    .map(Values::element)
                    .collect(Collectors.joining(",", "[", "]"));
        return value.properties().stream()
                .map(field -> quoted(field.getKey()) + ":" + element(field.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String element(JsonNode value) {
        return value.isTextual() ? quoted(value.textValue()) : typed(value).text();
    }

    private static String quoted(String text) {
        return JsonNodeFactory.instance.textNode(text).toString();
    }

    /**
     * Whether the database did not send the value, because it is long, stored apart, and was not changed. Debezium's placeholder
     * looks different for each type.
     */
    public static boolean isUnavailable(JsonNode value) {
        if (value.isTextual()) return isPlaceholder(value.textValue());
        if (value.isArray())
            return value.equals(UNAVAILABLE_NUMBERS) || (value.size() == 1 && isUnavailable(value.get(0)));
        return value.size() == 1 && value.has(UNAVAILABLE);
    }

    private static boolean isPlaceholder(String text) {
        return text.equals(UNAVAILABLE)
                || text.equals(UNAVAILABLE_BASE64)
                || text.equals(UNAVAILABLE_UUID)
                || text.equals("{\"" + UNAVAILABLE + "\":\"" + UNAVAILABLE + "\"}"); // hstore as JSON text
    }

    static boolean hasUnavailable(ObjectNode row) {
        return row.properties().stream().anyMatch(column -> isUnavailable(column.getValue()));
    }
}
