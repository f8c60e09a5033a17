package io.forebay.jdbc;

import io.forebay.spi.ColumnChange;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The form of a statement: rows of one shape are sent together.
 *
 * @param table name of the table
 * @param operation what is done
 * @param targets which columns change, and how
 */
record Shape(String table, Operation operation, List<Target> targets) {
    Shape {
        targets = List.copyOf(targets);
    }

    /** What is done to the rows. The order is the one in which they are sent. */
    enum Operation {
        UPDATE,
        REPLACE,
        INSERT,
        /** Inserts a row that was absent when it was looked for, and changes it if another program was faster. */
        UPSERT,
        /** Inserts rows without a key, in order. */
        APPEND,
        DELETE
    }

    /** How a column changes. */
    enum Change {
        SET,
        ADD,
        MAX,
        MIN
    }

    /** One column and how it changes. */
    record Target(String column, Change change) {}

    /**
     * The values of one row.
     *
     * @param key values of the key columns; empty for an append
     * @param values one for each target
     */
    record Values(List<Object> key, List<@Nullable Object> values) {}

    static Shape of(String table, Operation operation, Stage stage) {
        List<Target> targets = new ArrayList<>(stage.columns().size());
        for (Map.Entry<String, ColumnChange> entry : stage.columns().entrySet())
            targets.add(new Target(entry.getKey(), change(entry.getValue())));
        return new Shape(table, operation, targets);
    }

    static Shape of(PendingAppend append) {
        List<Target> targets = new ArrayList<>(append.columns().size());
        for (String column : append.columns().keySet()) targets.add(new Target(column, Change.SET));
        return new Shape(append.table(), Operation.APPEND, targets);
    }

    /** Whether the stage changes the same columns in the same way. */
    boolean fits(Stage stage) {
        if (stage.columns().size() != targets.size()) return false;
        int i = 0;
        for (Map.Entry<String, ColumnChange> entry : stage.columns().entrySet()) {
            Target target = targets.get(i++);
            if (!target.column().equals(entry.getKey()) || target.change() != change(entry.getValue())) return false;
        }
        return true;
    }

    /** Whether the append has values for the same columns. */
    boolean fits(PendingAppend append) {
        if (append.columns().size() != targets.size()) return false;
        int i = 0;
        for (String column : append.columns().keySet()) {
            Target target = targets.get(i++);
            if (!target.column().equals(column) || target.change() != Change.SET) return false;
        }
        return true;
    }

    /** Whether it gives a column a value that does not depend on the one before. */
    boolean sets() {
        return targets.stream().anyMatch(target -> target.change() == Change.SET);
    }

    /** The values of a stage, in the order of its shape's targets. */
    static Values values(List<Object> key, Stage stage) {
        List<@Nullable Object> values = new ArrayList<>(stage.columns().size());
        for (ColumnChange change : stage.columns().values()) values.add(value(change));
        return new Values(key, values);
    }

    /** The values of an append, in the order of its shape's targets. */
    static Values values(PendingAppend append) {
        return new Values(List.of(), new ArrayList<>(append.columns().values()));
    }

    Shape as(Operation other) {
        return new Shape(table, other, other == Operation.DELETE ? List.of() : targets);
    }

    private static Change change(ColumnChange change) {
        if (change instanceof ColumnChange.Set) return Change.SET;
        if (change instanceof ColumnChange.Add) return Change.ADD;
        return change instanceof ColumnChange.Max ? Change.MAX : Change.MIN;
    }

    private static @Nullable Object value(ColumnChange change) {
        if (change instanceof ColumnChange.Set set) return set.value();
        if (change instanceof ColumnChange.Add add) return add.delta();
        if (change instanceof ColumnChange.Max max) return max.value();
        return ((ColumnChange.Min) change).value();
    }
}
