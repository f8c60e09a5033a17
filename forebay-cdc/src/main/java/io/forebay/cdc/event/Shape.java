package io.forebay.cdc.event;

/** How a record told the change. */
public enum Shape {
    /** Debezium's envelope, with {@code before}, {@code after} and {@code source}. */
    ENVELOPE,
    /** The row alone, as Debezium's transforms {@code ExtractNewRecordState} and {@code ExtractNewDocumentState} leave it. */
    UNWRAPPED,
    /** A key without a value: deleted. */
    TOMBSTONE
}
