package io.forebay.testkit;

import io.forebay.MissingRow;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A table in memory that is written to one mutation at a time: what a database does, said as plainly as possible. The
 * oracle of random tests, and what {@link MemorySink} keeps its rows in. Whole numbers and texts only. Not thread-safe.
 */
public final class ModelTable {
    private final TableInfo info;
    private final Map<RowKey, Map<String, @Nullable Object>> rows;
    private final List<Map<String, @Nullable Object>> appended;

    /** An empty table. */
    public ModelTable(TableInfo info) {
        this(info, new HashMap<>(), new ArrayList<>());
    }

    private ModelTable(
            TableInfo info,
            Map<RowKey, Map<String, @Nullable Object>> rows,
            List<Map<String, @Nullable Object>> appended) {
        this.info = info;
        this.rows = rows;
        this.appended = appended;
    }

    /** A copy that shares nothing. */
    public ModelTable copy() {
        Map<RowKey, Map<String, @Nullable Object>> copy = new HashMap<>();
        rows.forEach((key, row) -> copy.put(key, new TreeMap<>(row)));
        return new ModelTable(info, copy, new ArrayList<>(appended));
    }

    /** What the table is made of. */
    public TableInfo info() {
        return info;
    }

    /** The row, or empty if there is none. */
    public Optional<Map<String, @Nullable Object>> row(RowKey key) {
        return Optional.ofNullable(rows.get(key)).map(TreeMap::new);
    }

    /** Every row by its key. */
    public Map<RowKey, Map<String, @Nullable Object>> rows() {
        return rows;
    }

    /** Rows without a key, in the order they came. */
    public List<Map<String, @Nullable Object>> appended() {
        return appended;
    }

    /** Inserts a row without a key. */
    public void append(PendingAppend append) {
        appended.add(append.columns());
    }

    /**
     * Carries out one stage.
     *
     * @param missingRow what an update of an absent row is
     * @return SQLSTATE of the refusal, or empty if it was carried out (or ignored)
     */
    public Optional<String> apply(RowKey key, Stage stage, MissingRow missingRow) {
        boolean present = rows.containsKey(key);
        switch (stage.kind()) {
            case UPDATE -> {
                if (!present) return missingRow == MissingRow.IGNORE ? Optional.empty() : Optional.of("02000");
                change(key, stage);
            }
            case UPSERT -> {
                if (present) change(key, stage);
                else insert(key, stage);
            }
            case INSERT -> {
                if (present) return Optional.of("23505");
                insert(key, stage);
            }
            case DELETE -> rows.remove(key);
            case REPLACE -> {
                rows.remove(key);
                insert(key, stage);
            }
        }
        return Optional.empty();
    }

    private void insert(RowKey key, Stage stage) {
        Map<String, @Nullable Object> row = new TreeMap<>();
        for (Column column : info.columns().values())
            row.put(column.name(), column.absent() == Column.Absent.ZERO ? (Object) 0L : null);
        for (int i = 0; i < info.key().size(); i++)
            row.put(info.key().get(i), key.values().get(i));
        // a change of a row that is new counts from nothing, whatever the column's default
        stage.columns().forEach((name, change) -> row.put(name, changed(null, change)));
        rows.put(key, row);
    }

    private void change(RowKey key, Stage stage) {
        Map<String, @Nullable Object> row = rows.get(key);
        if (row == null) throw new IllegalStateException("no row " + key);
        stage.columns().forEach((name, change) -> row.put(name, changed(row.get(name), change)));
    }

    private static @Nullable Object changed(@Nullable Object old, ColumnChange change) {
        if (change instanceof ColumnChange.Set set) return set.value();
        if (change instanceof ColumnChange.Add add) return narrow(decimal(old).add(decimal(add.delta())));
        if (change instanceof ColumnChange.Max max)
            return old == null || decimal(max.value()).compareTo(decimal(old)) > 0 ? max.value() : old;
        ColumnChange.Min min = (ColumnChange.Min) change;
        return old == null || decimal(min.value()).compareTo(decimal(old)) < 0 ? min.value() : old;
    }

    private static BigDecimal decimal(@Nullable Object value) {
        return value == null ? BigDecimal.ZERO : new BigDecimal(value.toString());
    }

    private static Object narrow(BigDecimal value) {
        return value.toBigIntegerExact().bitLength() < 64 ? (Object) value.longValueExact() : value;
    }
}
