package io.forebay.internal.mutation;

import io.forebay.spi.Bytes;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.ColumnChange.Max;
import io.forebay.spi.ColumnChange.Min;
import io.forebay.spi.ColumnChange.Operations;
import io.forebay.spi.ColumnChange.Set;
import io.forebay.spi.ColumnType;
import io.forebay.spi.DocumentAlgebra;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a row looks like after stages have been applied to it: the read side of the algebra, pure. */
public final class Apply {
    private Apply() {}

    /**
     * Applies stages to a row. A stage the database would refuse because the row exists, or does not, changes nothing.
     *
     * @param row its columns by name, or empty if it does not exist
     * @throws UnknownDefaultException if the result depends on a default that only the database knows
     */
    public static Optional<Map<String, @Nullable Object>> stages(
            Optional<Map<String, @Nullable Object>> row, List<Stage> stages, List<Object> key, TableInfo table) {
        Optional<Map<String, @Nullable Object>> result = row;
        for (Stage stage : stages) result = stage(result, stage, key, table);
        return result;
    }

    private static Optional<Map<String, @Nullable Object>> stage(
            Optional<Map<String, @Nullable Object>> row, Stage stage, List<Object> key, TableInfo table) {
        return switch (stage.kind()) {
            case UPDATE -> row.map(columns -> changed(columns, stage, table));
            case UPSERT ->
                Optional.of(
                        row.map(columns -> changed(columns, stage, table)).orElseGet(() -> created(stage, key, table)));
            case INSERT -> row.isPresent() ? row : Optional.of(created(stage, key, table));
            case REPLACE -> Optional.of(created(stage, key, table));
            case DELETE -> Optional.empty();
        };
    }

    /** A new row: changes count from nothing, columns not named are NULL, zero, or known to the database alone. */
    private static Map<String, @Nullable Object> created(Stage stage, List<Object> key, TableInfo table) {
        Map<String, @Nullable Object> row = new TreeMap<>();
        for (Column column : table.columns().values())
            if (column.absent() != Column.Absent.DATABASE) row.put(column.name(), absent(column));
        for (int i = 0; i < key.size(); i++) row.put(table.key().get(i), key.get(i));
        for (Map.Entry<String, ColumnChange> entry : stage.columns().entrySet()) {
            Column column = table.columns().get(entry.getKey());
            if (column != null) row.put(entry.getKey(), change(null, entry.getValue(), column.type()));
        }
        return row;
    }

    private static @Nullable Object absent(Column column) {
        return column.absent() == Column.Absent.ZERO ? column.type().normalise(0L) : null;
    }

    private static Map<String, @Nullable Object> changed(
            Map<String, @Nullable Object> row, Stage stage, TableInfo table) {
        Map<String, @Nullable Object> result = new TreeMap<>(row);
        for (Map.Entry<String, ColumnChange> entry : stage.columns().entrySet()) {
            Column column = table.columns().get(entry.getKey());
            if (column == null) continue; // dropped since it was written: the flush will say so
            if (!row.containsKey(entry.getKey()) && !(entry.getValue() instanceof Set))
                throw new UnknownDefaultException();
            result.put(entry.getKey(), change(row.get(entry.getKey()), entry.getValue(), column.type()));
        }
        return result;
    }

    /** What operations make of a document; null stands for none. */
    static DocumentAlgebra.Outcome outcome(@Nullable Object document, Operations operations, ColumnType type) {
        DocumentAlgebra algebra = ((ColumnType.Document) type).algebra();
        return document == null
                ? algebra.create(operations.content())
                : algebra.apply((Bytes) document, operations.content());
    }

    /** The value of one column after a change; null stands for NULL. */
    static @Nullable Object change(@Nullable Object value, ColumnChange change, ColumnType type) {
        if (change instanceof Set set) return set.value();
        if (change instanceof Add add) return Numbers.plus(value, add.delta(), type);
        if (change instanceof Max max)
            return value == null || Numbers.compare(value, max.value()) < 0 ? max.value() : value;
        if (change instanceof Operations operations)
            return outcome(value, operations, type).document();
        Min min = (Min) change;
        return value == null || Numbers.compare(value, min.value()) > 0 ? min.value() : value;
    }
}
