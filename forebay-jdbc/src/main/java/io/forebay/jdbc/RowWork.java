package io.forebay.jdbc;

import io.forebay.spi.ColumnChange;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One row of a batch on its way through its stages. One thread. */
final class RowWork {
    private final String table;
    private final @Nullable RowKey key;
    private final List<Stage> stages;
    private final @Nullable PendingAppend append; // its one stage is made only if it is asked for
    private int next;
    private boolean present;

    private RowWork(String table, @Nullable RowKey key, List<Stage> stages, @Nullable PendingAppend append) {
        this.table = table;
        this.key = key;
        this.stages = stages;
        this.append = append;
    }

    static RowWork of(PendingRow row) {
        return new RowWork(row.key().table(), row.key(), row.stages(), null);
    }

    static RowWork of(PendingAppend append) {
        return new RowWork(append.table(), null, List.of(), append);
    }

    /** A mutation that was refused before; without a key it is an append. */
    static RowWork of(String table, @Nullable RowKey key, Stage stage) {
        return new RowWork(table, key, List.of(stage), null);
    }

    String table() {
        return table;
    }

    /** Null for an append. */
    @Nullable
    RowKey key() {
        return key;
    }

    List<Object> keyValues() {
        return key == null ? List.of() : key.values();
    }

    boolean isAppend() {
        return key == null;
    }

    boolean isDone() {
        return next == (append == null ? stages.size() : 1);
    }

    Stage stage() {
        return append == null ? stages.get(next) : insert(append);
    }

    private static Stage insert(PendingAppend append) {
        Map<String, ColumnChange> columns = new TreeMap<>();
        append.columns().forEach((column, value) -> columns.put(column, new ColumnChange.Set(value)));
        return new Stage(Stage.Kind.INSERT, columns);
    }

    /** The form of a statement that carries the next stage out. */
    Shape shape(Shape.Operation operation) {
        return append == null ? Shape.of(table, operation, stage()) : Shape.of(append);
    }

    /** Whether the next stage changes the columns of the shape, in its way. */
    boolean fits(Shape shape) {
        return append == null ? shape.fits(stage()) : shape.fits(append);
    }

    /** What the next stage brings to its shape. */
    Shape.Values values() {
        return append == null ? Shape.values(keyValues(), stage()) : Shape.values(append);
    }

    void advance() {
        next++;
    }

    /** Whether the database holds the row, as far as is known. */
    boolean isPresent() {
        return present;
    }

    void setPresent(boolean present) {
        this.present = present;
    }
}
