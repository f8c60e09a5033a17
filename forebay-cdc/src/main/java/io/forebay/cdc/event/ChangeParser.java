package io.forebay.cdc.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes events of records, in every shape in which Debezium writes JSON: the envelope or the row alone, with a schema beside it
 * or without, deletions in each of their forms, of PostgreSQL, MySQL, MariaDB and MongoDB. Immutable, thread-safe.
 */
public final class ChangeParser {
    static final String OLD_KEY = "__debezium.oldkey";

    private final @Nullable String topicPrefix;

    private ChangeParser(@Nullable String topicPrefix) {
        this.topicPrefix = topicPrefix;
    }

    /** For topics {@code prefix.schema.table} whose prefix has no dot in it, or whose records name their table themselves. */
    public static ChangeParser create() {
        return new ChangeParser(null);
    }

    /** For topics that begin with this {@code topic.prefix}, which may have dots in it. */
    public static ChangeParser withTopicPrefix(String prefix) {
        return new ChangeParser(prefix);
    }

    /**
     * What the record tells.
     *
     * @throws UnknownShapeException if it is nothing that Debezium writes as JSON, with what was expected
     */
    public Parsed parse(ChangeRecord record) {
        refuseMagicByte(record.key(), "key");
        refuseMagicByte(record.value(), "value");
        JsonNode value = value(record.value());
        if (value.isNull()) return deleted(record);
        if (!(value instanceof ObjectNode object)) throw notAnObject(value);
        refuseCloudEvents(object);
        if (Envelope.isOne(object)) return Envelope.parse(object, record, table(record.topic()));
        Parsed.Notice notice = notice(object, record);
        return notice != null ? notice : Unwrapped.parse(object, record, table(record.topic()));
    }

    private static void refuseMagicByte(@Nullable Payload payload, String what) {
        if (payload == null || !payload.hasMagicByte()) return;
        throw new UnknownShapeException(
                "the %s begins with the zero byte of a schema registry (Avro, Protobuf or JSON with a schema's id); expected JSON: set %s.converter to org.apache.kafka.connect.json.JsonConverter"
                        .formatted(what, what),
                null);
    }

    private static JsonNode value(@Nullable Payload value) {
        if (value == null) return Json.orNull(Optional.empty());
        String text = value.text().orElseThrow(() -> new UnknownShapeException("the value is not UTF-8 text", null));
        JsonNode json = Json.read(text)
                .orElseThrow(() -> new UnknownShapeException(
                        "the value is not JSON; expected a JSON object: set value.converter to"
                                + " org.apache.kafka.connect.json.JsonConverter",
                        null));
        return Json.withoutSchema(json);
    }

    private static UnknownShapeException notAnObject(JsonNode value) {
        String found = value.getNodeType().name().toLowerCase(Locale.ROOT);
        return new UnknownShapeException(
                "the value is a JSON %s; expected Debezium's envelope, a row as an object, or null".formatted(found),
                null);
    }

    private static void refuseCloudEvents(ObjectNode value) {
        if (!value.path("specversion").isTextual() || !value.has("id") || !value.has("type")) return;
        throw new UnknownShapeException(
                "the value is a CloudEvent; expected Debezium's envelope or a row: set value.converter to"
                        + " org.apache.kafka.connect.json.JsonConverter",
                null);
    }

    private Parsed deleted(ChangeRecord record) {
        CanonicalKey key = KeyParser.parse(record.key(), "");
        if (key == null) throw new UnknownShapeException("the record has neither a key nor a value", null);
        return new Parsed.Change(new ChangeEvent(
                Op.DELETE,
                table(record.topic()),
                key,
                null,
                null,
                null,
                false,
                Shape.TOMBSTONE,
                Phase.STREAM,
                null,
                record.fence(),
                null,
                null,
                "",
                record));
    }

    private static Parsed.@Nullable Notice notice(ObjectNode value, ChangeRecord record) {
        if (isTransaction(value)) return Parsed.Notice.TRANSACTION;
        if (isHeartbeat(value, record)) return Parsed.Notice.HEARTBEAT;
        if (value.has("tableChanges")
                || (value.has("ddl") && value.path("source").isObject())) return Parsed.Notice.SCHEMA_CHANGE;
        boolean notification = value.has("aggregate_type") && value.has("additional_data");
        return notification ? Parsed.Notice.NOTIFICATION : null;
    }

    private static boolean isTransaction(ObjectNode value) {
        String status = value.path("status").asText();
        return (status.equals("BEGIN") || status.equals("END"))
                && value.path("id").isTextual()
                && value.has("event_count")
                && value.has("data_collections");
    }

    private static boolean isHeartbeat(ObjectNode value, ChangeRecord record) {
        if (value.size() > 3 || !value.has("ts_ms")) return false;
        return record.key() != null
                && record.key()
                        .text()
                        .filter(key -> key.contains("\"serverName\""))
                        .isPresent();
    }

    /** From {@code prefix.schema.table}; a collection's name may have dots in it. */
    private SourceTable table(String topic) {
        String rest = withoutPrefix(topic);
        int dot = rest.indexOf('.');
        return dot < 0 ? new SourceTable("", rest) : new SourceTable(rest.substring(0, dot), rest.substring(dot + 1));
    }

    private String withoutPrefix(String topic) {
        if (topicPrefix != null) {
            String start = topicPrefix + ".";
            return topic.startsWith(start) ? topic.substring(start.length()) : topic;
        }
        int dot = topic.indexOf('.');
        return dot < 0 ? topic : topic.substring(dot + 1);
    }
}
