package io.forebay.cdc.event;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The primary key of a row, the same for every spelling of it that Debezium uses. Equal keys are of one row; the number 4 and
 * the text "4" are two keys.
 */
public final class CanonicalKey {
    private final List<Field> fields;

    /** One column of the key. */
    private record Field(String name, JsonNode value, String canonical) {}

    private CanonicalKey(List<Field> fields) {
        this.fields = fields;
    }

    /** Of the fields in their order. */
    static CanonicalKey of(ObjectNode columns) {
        List<Field> fields = new ArrayList<>();
        columns.properties().forEach(column -> fields.add(field(column.getKey(), column.getValue())));
        return new CanonicalKey(List.copyOf(fields));
    }

    /** Of one column. */
    static CanonicalKey of(String name, JsonNode value) {
        return new CanonicalKey(List.of(field(name, value)));
    }

    private static Field field(String name, JsonNode value) {
        return new Field(name, value, Values.canonical(value));
    }

    /** The value of a column. A document's only key column is known as {@code _id} and as {@code id}. */
    public Optional<JsonNode> column(String name) {
        for (Field field : fields) if (field.name().equals(name)) return Optional.of(field.value());
        if (fields.size() == 1
                && isDocumentId(name)
                && isDocumentId(fields.get(0).name()))
            return Optional.of(fields.get(0).value());
        return Optional.empty();
    }

    private static boolean isDocumentId(String name) {
        return name.equals("id") || name.equals("_id");
    }

    /** The values with their types, in the order of the key: {@code i:1004}, or {@code i:7|s:a} of two columns. */
    public String text() {
        return fields.stream().map(Field::canonical).collect(Collectors.joining("|"));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof CanonicalKey that && text().equals(that.text());
    }

    @Override
    public int hashCode() {
        return text().hashCode();
    }

    /** The types only: values do not belong in logs. */
    @Override
    public String toString() {
        return fields.stream()
                .map(field -> field.name() + "(" + field.canonical().charAt(0) + ")")
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
