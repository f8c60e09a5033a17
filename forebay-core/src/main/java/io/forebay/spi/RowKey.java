package io.forebay.spi;

import java.util.List;

/**
 * Table (or collection) plus primary-key values, in the order of {@link TableInfo#key()}.
 *
 * <p>The values are canonical: normalised to their columns ({@link ColumnType#normalise}), so that two spellings of one
 * row are equal here. Ordered by table, then value by value; this is the one order in which rows are locked and written
 * everywhere. Immutable and thread-safe.
 */
public final class RowKey implements Comparable<RowKey> {
    private final String table;
    private final List<Object> values;
    private final int hash;

    private RowKey(String table, List<Object> values) {
        this.table = table;
        this.values = values;
        this.hash = 31 * table.hashCode() + values.hashCode();
    }

    /**
     * A key of canonical values.
     *
     * @throws IllegalArgumentException if there are no values
     */
    public static RowKey of(String table, List<?> values) {
        if (values.isEmpty()) throw new IllegalArgumentException("a row key of " + table + " needs at least one value");
        return new RowKey(table, List.copyOf(values));
    }

    /** Name of the table as Forebay knows it, see {@link TableInfo#name()}. */
    public String table() {
        return table;
    }

    /** The canonical values, never null, at least one. */
    public List<Object> values() {
        return values;
    }

    @Override
    public int compareTo(RowKey other) {
        int order = table.compareTo(other.table);
        for (int i = 0; order == 0 && i < Math.min(values.size(), other.values.size()); i++)
            order = compareValues(values.get(i), other.values.get(i));
        return order != 0 ? order : Integer.compare(values.size(), other.values.size());
    }

    @SuppressWarnings("unchecked") // values of one key column have one class, and every value class is comparable
    private static int compareValues(Object left, Object right) {
        return ((Comparable<Object>) left).compareTo(right);
    }

    @Override
    public boolean equals(Object other) {
        return this == other
                || other instanceof RowKey key
                        && hash == key.hash
                        && table.equals(key.table)
                        && values.equals(key.values);
    }

    @Override
    public int hashCode() {
        return hash;
    }

    @Override
    public String toString() {
        return table + values;
    }
}
