package io.forebay.cdc.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads rows alone, with what Debezium's transforms add to them: {@code __deleted}, {@code __op} and the like. */
final class Unwrapped {
    private static final Map<String, Op> OPS =
            Map.of("c", Op.CREATE, "u", Op.UPDATE, "d", Op.DELETE, "r", Op.READ, "t", Op.TRUNCATE);

    private final ObjectNode value;
    private final ChangeRecord record;

    private Unwrapped(ObjectNode value, ChangeRecord record) {
        this.value = value;
        this.record = record;
    }

    static Parsed parse(ObjectNode value, ChangeRecord record, SourceTable topicTable) {
        return new Unwrapped(value, record).parse(topicTable);
    }

    private Parsed parse(SourceTable topicTable) {
        Op op = op();
        ObjectNode row = row();
        boolean gone = op == Op.DELETE || op == Op.TRUNCATE;
        String connector =
                added("source_connector").or(() -> added("connector")).orElse("");
        return new Parsed.Change(new ChangeEvent(
                op,
                table(topicTable),
                KeyParser.parse(record.key(), connector),
                KeyParser.ofHeader(record.headers().get(ChangeParser.OLD_KEY), connector),
                gone && !row.isEmpty() ? row : null,
                gone ? null : row,
                row.has("_id") && op != Op.CREATE && op != Op.READ, // an update without the full document
                Shape.UNWRAPPED,
                phase(op),
                added("source_txId").or(() -> added("txId")).orElse(null),
                record.fence(),
                instant("source_ts_ms"),
                instant("ts_ms"),
                connector,
                record));
    }

    private Op op() {
        if (added("deleted").filter("true"::equals).isPresent()) return Op.DELETE;
        Optional<String> code = added("op");
        if (code.isEmpty()) return Op.UPSERT;
        Op op = OPS.get(code.get());
        if (op == null)
            throw new UnknownShapeException(
                    "the row's __op is '%s'; expected one of c, u, d, r, t".formatted(code.get()), null);
        return op;
    }

    private SourceTable table(SourceTable topicTable) {
        Optional<String> name = added("source_table")
                .or(() -> added("table"))
                .or(() -> added("source_collection"))
                .or(() -> added("collection"));
        if (name.isEmpty()) return topicTable;
        Optional<String> qualifier = added("source_schema")
                .or(() -> added("schema"))
                .or(() -> added("source_db"))
                .or(() -> added("db"));
        return new SourceTable(qualifier.orElse(topicTable.qualifier()), name.get());
    }

    private Phase phase(Op op) {
        String snapshot = added("source_snapshot").or(() -> added("snapshot")).orElse("false");
        if (snapshot.equals("incremental")) return Phase.INCREMENTAL_SNAPSHOT;
        return op == Op.READ || !snapshot.equals("false") ? Phase.SNAPSHOT : Phase.STREAM;
    }

    /** A field or header that a transform added, by its name without the two underscores. */
    private Optional<String> added(String name) {
        JsonNode field = value.path("__" + name);
        if (field.isValueNode() && !field.isNull()) return Optional.of(field.asText());
        Payload header = record.headers().get("__" + name);
        return header == null ? Optional.empty() : header.text().map(Unwrapped::headerText);
    }

    /** Plain, as JSON, or as JSON with its schema: that depends on Kafka Connect's converter of headers. */
    private static String headerText(String header) {
        return Json.read(header).map(Json::withoutSchema).map(JsonNode::asText).orElse(header);
    }

    private @Nullable Instant instant(String name) {
        Optional<JsonNode> millis = added(name).flatMap(Json::read).filter(JsonNode::isIntegralNumber);
        return millis.map(number -> Instant.ofEpochMilli(number.longValue())).orElse(null);
    }

    /** Without what was added. Not everything with two underscores was: a column may be called so. */
    private ObjectNode row() {
        ObjectNode row = value.deepCopy();
        row.remove(value.properties().stream()
                .map(Map.Entry::getKey)
                .filter(Unwrapped::isAdded)
                .toList());
        return row;
    }

    private static boolean isAdded(String name) {
        return switch (name) {
            case "__deleted", "__op", "__table", "__collection", "__db", "__schema", "__connector" -> true;
            case "__snapshot", "__ts_ms", "__ts_us", "__ts_ns", "__lsn", "__txId", "__name", "__ord" -> true;
            default -> name.startsWith("__source_") || name.startsWith("__transaction_");
        };
    }
}
