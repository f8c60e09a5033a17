package io.forebay.cdc.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads Debezium's envelope: {@code before}, {@code after}, {@code source}, {@code op}. */
final class Envelope {
    private static final Map<String, Op> OPS =
            Map.of("c", Op.CREATE, "u", Op.UPDATE, "d", Op.DELETE, "r", Op.READ, "t", Op.TRUNCATE);
    private static final String MESSAGE = "m";
    private static final Set<String> OF_SNAPSHOTS =
            Set.of("true", "first", "first_in_data_collection", "last_in_data_collection", "last");

    private Envelope() {}

    /** A row of a table that has a column {@code op} is none: it takes a source, or {@code before} and {@code after} as well. */
    static boolean isOne(ObjectNode value) {
        Optional<String> op = Json.text(value, "op");
        if (op.isEmpty()) return false;
        if (value.path("source").path("connector").isTextual()) return true;
        return value.has("before")
                && value.has("after")
                && (OPS.containsKey(op.get()) || op.get().equals(MESSAGE));
    }

    static Parsed parse(ObjectNode value, ChangeRecord record, SourceTable topicTable) {
        String code = value.get("op").textValue();
        if (code.equals(MESSAGE)) return Parsed.Notice.MESSAGE;
        Op op = OPS.get(code);
        if (op == null)
            throw new UnknownShapeException(
                    "the envelope's op is '%s'; expected one of c, u, d, r, t, m".formatted(code), null);

        JsonNode source = value.path("source");
        String connector = Json.text(source, "connector").orElse("");
        return new Parsed.Change(new ChangeEvent(
                op,
                table(source).orElse(topicTable),
                KeyParser.parse(record.key(), connector),
                KeyParser.ofHeader(record.headers().get(ChangeParser.OLD_KEY), connector),
                row(value, "before"),
                row(value, "after"),
                false,
                Shape.ENVELOPE,
                phase(op, source.path("snapshot")),
                transaction(source),
                fence(record, source, connector),
                instant(source.path("ts_ms")),
                instant(value.path("ts_ms")),
                connector,
                record));
    }

    private static Optional<SourceTable> table(JsonNode source) {
        Optional<String> name = Json.text(source, "table").or(() -> Json.text(source, "collection"));
        String qualifier =
                Json.text(source, "schema").or(() -> Json.text(source, "db")).orElse("");
        return name.map(table -> new SourceTable(qualifier, table));
    }

    /** A JSON object, or MongoDB's document as a text of extended JSON. */
    private static @Nullable ObjectNode row(ObjectNode value, String name) {
        JsonNode row = value.path(name);
        if (row.isMissingNode() || row.isNull()) return null;
        JsonNode parsed = row.isTextual() ? Json.orNull(Json.read(row.textValue())) : row;
        if (parsed instanceof ObjectNode object) return object;
        throw new UnknownShapeException(
                "the envelope's '%s' is %s; expected an object, a text that holds a JSON object, or null"
                        .formatted(name, row.getNodeType().name().toLowerCase(Locale.ROOT)),
                null);
    }

    /** Booleans are of Debezium before 0.10. */
    private static Phase phase(Op op, JsonNode snapshot) {
        String text = snapshot.asText().toLowerCase(Locale.ROOT);
        if (text.equals("incremental")) return Phase.INCREMENTAL_SNAPSHOT;
        return op == Op.READ || OF_SNAPSHOTS.contains(text) ? Phase.SNAPSHOT : Phase.STREAM;
    }

    private static @Nullable String transaction(JsonNode source) {
        if (source.path("txId").isNumber() || source.path("txId").isTextual())
            return source.get("txId").asText();
        if (source.path("gtid").isTextual()) return source.get("gtid").textValue();
        if (source.path("lsid").isTextual() && source.path("txnNumber").isNumber())
            return source.get("lsid").textValue() + ":"
                    + source.get("txnNumber").asText();
        return null;
    }

    /**
     * Only PostgreSQL's log position is one: the changes of one row are in its order. MySQL's starts again on another server,
     * and MongoDB's times are not those of its log.
     */
    private static OptionalLong fence(ChangeRecord record, JsonNode source, String connector) {
        if (record.fence().isPresent()) return record.fence();
        long lsn = source.path("lsn").asLong();
        return connector.equals("postgresql") && lsn > 0 ? OptionalLong.of(lsn) : OptionalLong.empty();
    }

    private static @Nullable Instant instant(JsonNode millis) {
        return millis.isIntegralNumber() && millis.longValue() > 0 ? Instant.ofEpochMilli(millis.longValue()) : null;
    }
}
