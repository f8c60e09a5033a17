package io.forebay.cdc.rule;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.forebay.cdc.event.CanonicalKey;
import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.event.Values;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One of the two states of a changed row, or what is known of it.
 *
 * @param key its primary key, null if there is none
 * @param columns what the record has of it, null if nothing that can be relied on
 */
record Row(@Nullable CanonicalKey key, @Nullable ObjectNode columns) {
    /**
     * @param trusted whether {@code before} has all columns. What PostgreSQL sends by default has the key only, and Debezium
     *     fills the others with nulls and defaults
     */
    static Row before(ChangeEvent event, boolean trusted) {
        CanonicalKey key = event.oldKey() == null ? event.key() : event.oldKey();
        return new Row(key, trusted ? event.before() : null);
    }

    /** What the database did not send, because it had not changed, is taken from the row before. */
    static Row after(ChangeEvent event, boolean trusted) {
        ObjectNode after = event.after();
        if (after == null || event.before() == null || !trusted) return new Row(event.key(), after);
        ObjectNode filled = after.deepCopy();
        event.before().properties().forEach(column -> {
            if (Values.isUnavailable(filled.path(column.getKey()))) filled.set(column.getKey(), column.getValue());
        });
        return new Row(event.key(), filled);
    }

    Optional<JsonNode> column(List<String> path) {
        Optional<JsonNode> ofKey = keyColumn(path);
        return ofKey.isPresent() ? ofKey : rowColumn(path);
    }

    Optional<JsonNode> keyColumn(List<String> path) {
        if (key == null) return Optional.empty();
        return key.column(path.get(0))
                .map(node -> follow(node, path.subList(1, path.size())))
                .filter(Row::isKnown);
    }

    Optional<JsonNode> rowColumn(List<String> path) {
        return Optional.ofNullable(columns).map(row -> follow(row, path)).filter(Row::isKnown);
    }

    private static JsonNode follow(JsonNode from, List<String> path) {
        JsonNode node = from;
        for (String name : path) node = node.path(name);
        return node;
    }

    private static boolean isKnown(JsonNode value) {
        return !value.isMissingNode() && !Values.isUnavailable(value);
    }
}
