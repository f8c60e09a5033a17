package io.forebay;

import io.forebay.internal.mutation.Schema;
import io.forebay.spi.Bytes;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A row as it was at one moment: what the database held and what was pending. Immutable, thread-safe. */
public final class RowView {
    private final Schema schema;
    private final Map<String, @Nullable Object> columns;

    RowView(Schema schema, Map<String, @Nullable Object> columns) {
        this.schema = schema;
        this.columns = columns;
    }

    /**
     * The value of a column.
     *
     * @return empty if it is NULL, or if the row is a pending insert that does not name it
     * @throws IllegalArgumentException if the table has no such column; a document has none where another has one
     * @throws ClassCastException if the value is of another class, see {@link io.forebay.spi.ColumnType}; bytes come as
     *     {@code byte[]}
     */
    public <T> Optional<T> get(String column, Class<T> type) {
        return Optional.ofNullable(value(column)).map(type::cast);
    }

    /** The value of a whole-number column; 0 if it is NULL, which is what an increment counts from. */
    public long getLong(String column) {
        return get(column, Number.class).map(Number::longValue).orElse(0L);
    }

    /** The value of a numeric column, exactly; 0 if it is NULL. */
    public BigDecimal getDecimal(String column) {
        return get(column, Number.class).map(RowView::decimal).orElse(BigDecimal.ZERO);
    }

    /** The value of a text column; empty if it is NULL. */
    public Optional<String> getString(String column) {
        return get(column, String.class);
    }

    private static BigDecimal decimal(Number number) {
        if (number instanceof BigDecimal decimal) return decimal;
        return number instanceof Double floating
                ? BigDecimal.valueOf(floating)
                : BigDecimal.valueOf(number.longValue());
    }

    private @Nullable Object value(String column) {
        return exported(schema.value(columns, column));
    }

    private static @Nullable Object exported(@Nullable Object value) {
        return value instanceof Bytes bytes ? bytes.toArray() : value;
    }

    /** Every column by its name in the database, or every field in the document's order; NULLs are null. */
    public Map<String, @Nullable Object> asMap() {
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        columns.forEach((name, value) -> copy.put(name, exported(value)));
        return Collections.unmodifiableMap(copy);
    }

    @Override
    public String toString() {
        return schema.definition().info().name() + columns.keySet();
    }
}
