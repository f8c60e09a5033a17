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
    private int next;
    private boolean present;

    private RowWork(String table, @Nullable RowKey key, List<Stage> stages) {
        this.table = table;
        this.key = key;
        this.stages = stages;
    }

    static RowWork of(PendingRow row) {
        return new RowWork(row.key().table(), row.key(), row.stages());
    }

    static RowWork of(PendingAppend append) {
        Map<String, ColumnChange> columns = new TreeMap<>();
        append.columns().forEach((column, value) -> columns.put(column, new ColumnChange.Set(value)));
        return new RowWork(append.table(), null, List.of(new Stage(Stage.Kind.INSERT, columns)));
    }

    /** A mutation that was refused before; without a key it is an append. */
    static RowWork of(String table, @Nullable RowKey key, Stage stage) {
        return new RowWork(table, key, List.of(stage));
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
        return next == stages.size();
    }

    Stage stage() {
        return stages.get(next);
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
