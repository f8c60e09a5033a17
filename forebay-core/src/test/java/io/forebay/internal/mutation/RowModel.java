package io.forebay.internal.mutation;

import io.forebay.spi.Column;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One row of a database, in the plainest words: whole numbers only, one stage at a time, nothing shared with the code
 * under test. A default that only the database knows is ten.
 */
public final class RowModel {
    static final long DATABASE_DEFAULT = 10;

    private final TableInfo table;
    private Map<String, BigInteger> row; // null: there is none
    private int refusals;

    /** @param row its columns without the key; null if it does not exist */
    public RowModel(TableInfo table, Map<String, BigInteger> row) {
        this.table = table;
        this.row = row == null ? null : new TreeMap<>(row);
    }

    public RowModel apply(List<Stage> stages) {
        for (Stage stage : stages) apply(stage);
        return this;
    }

    public RowModel apply(Stage stage) {
        switch (stage.kind()) {
            case UPDATE -> {
                if (row != null) change(stage);
            }
            case UPSERT -> {
                if (row != null) change(stage);
                else create(stage);
            }
            case INSERT -> {
                if (row != null) refusals++;
                else create(stage);
            }
            case DELETE -> row = null;
            case REPLACE -> create(stage);
        }
        return this;
    }

    boolean exists() {
        return row != null;
    }

    /** Inserts that met a row. */
    public int refusals() {
        return refusals;
    }

    public Map<String, BigInteger> row() {
        return row;
    }

    private void create(Stage stage) {
        row = new TreeMap<>();
        for (Column column : table.columns().values()) {
            if (table.key().contains(column.name())) continue;
            switch (column.absent()) {
                case NULL -> row.put(column.name(), null);
                case ZERO -> row.put(column.name(), BigInteger.ZERO);
                case DATABASE -> row.put(column.name(), BigInteger.valueOf(DATABASE_DEFAULT));
            }
        }
        for (String name : stage.columns().keySet()) row.put(name, null); // a change of a new row counts from nothing
        change(stage);
    }

    private void change(Stage stage) {
        stage.columns().forEach((name, change) -> row.put(name, changed(row.get(name), change)));
    }

    private static BigInteger changed(BigInteger value, ColumnChange change) {
        if (change instanceof ColumnChange.Set set) return set.value() == null ? null : big(set.value());
        if (change instanceof ColumnChange.Add add)
            return value == null ? big(add.delta()) : value.add(big(add.delta()));
        if (change instanceof ColumnChange.Max max)
            return value == null ? big(max.value()) : value.max(big(max.value()));
        return value == null
                ? big(((ColumnChange.Min) change).value())
                : value.min(big(((ColumnChange.Min) change).value()));
    }

    static BigInteger big(Object number) {
        return new BigInteger(number.toString());
    }
}
