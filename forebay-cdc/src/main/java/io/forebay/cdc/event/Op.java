package io.forebay.cdc.event;

/** What happened to a row. */
public enum Op {
    CREATE,
    UPDATE,
    DELETE,
    /** The row was read by a snapshot: it may be old or new. */
    READ,
    /** A created, changed or read row: the record does not say which. */
    UPSERT,
    /** All rows of the table are gone. */
    TRUNCATE;

    /** Whether there may have been a row before. */
    public boolean mayHaveBefore() {
        return this != CREATE;
    }

    /** Whether there may be a row now. */
    public boolean mayHaveAfter() {
        return this != DELETE && this != TRUNCATE;
    }
}
