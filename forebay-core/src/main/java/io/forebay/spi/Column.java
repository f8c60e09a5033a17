package io.forebay.spi;

/**
 * One column of a table.
 *
 * @param name as the database spells it
 * @param type what it holds
 * @param nullable whether it may be NULL
 * @param absent what it holds in a new row that does not name it
 */
public record Column(String name, ColumnType type, boolean nullable, Absent absent) {

    /** What a column holds in a new row that does not name it. */
    public enum Absent {
        /** NULL: no default. */
        NULL,
        /** The number zero: an increment of the new row may be merged into its insert. */
        ZERO,
        /** Something only the database knows: another default, an identity, a generated value. */
        DATABASE
    }
}
