package io.forebay.cdc.event;

/** What a record turned out to be. */
public sealed interface Parsed {
    /** A change of rows. */
    record Change(ChangeEvent event) implements Parsed {}

    /** Something else that Debezium writes; no row has changed. */
    enum Notice implements Parsed {
        HEARTBEAT,
        TRANSACTION,
        SCHEMA_CHANGE,
        /** A message that a program wrote into the log of PostgreSQL. */
        MESSAGE,
        /** Debezium told of its own work, or was told to do some. */
        NOTIFICATION
    }
}
