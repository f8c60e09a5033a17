package io.forebay;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a table is written to; handed to {@link Database#table(String, java.util.function.Consumer)}. Not thread-safe.
 */
public final class TableOptions {
    private List<String> key = List.of();
    private MissingRow missingRow = MissingRow.DEAD_LETTER;
    private @Nullable String group;
    private @Nullable String routedBy;
    private boolean spread;

    TableOptions() {}

    /**
     * Names the key columns, in the order {@link Table#row} takes their values. Must be the table's primary key; the
     * default is the primary key in the database's order.
     */
    public TableOptions key(String... columns) {
        key = List.of(columns);
        return this;
    }

    /** What happens to updates of rows that do not exist; default {@link MissingRow#DEAD_LETTER}. */
    public TableOptions onMissingRow(MissingRow policy) {
        missingRow = policy;
        return this;
    }

    /**
     * Puts the whole table into one partition, together with every table of the same group: tables that refer to each
     * other, or whose unique columns beside the key move from row to row, are then flushed in order.
     */
    public TableOptions group(String name) {
        group = name;
        return this;
    }

    /**
     * Within a group, lets the value of {@code column} decide the partition: rows of different tables with the same value
     * stay together. The column is part of the key, or its value is given with {@link Row#routedBy}.
     */
    public TableOptions group(String name, String column) {
        group = name;
        routedBy = column;
        return this;
    }

    /** Spreads inserts without a key over all partitions: faster, and their order is given up. */
    public TableOptions spread() {
        spread = true;
        return this;
    }

    List<String> key() {
        return key;
    }

    MissingRow missingRow() {
        return missingRow;
    }

    @Nullable
    String group() {
        return group;
    }

    @Nullable
    String routedBy() {
        return routedBy;
    }

    boolean isSpread() {
        return spread;
    }
}
