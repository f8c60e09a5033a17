package io.forebay;

/** What happens to an update or increment of a row that does not exist. Never silent. */
public enum MissingRow {
    /** It goes to the dead letters (SQLSTATE 02000). The default. */
    DEAD_LETTER,
    /** The row is inserted: increments count from zero, columns not named take their defaults. */
    INSERT,
    /** It is dropped, and counted in {@link Stats#ignored()}. */
    IGNORE
}
