package io.forebay.cdc.event;

/** Why the source told of a row. */
public enum Phase {
    /** It changed. */
    STREAM,
    /** A snapshot read it. A snapshot is taken where there is no history: changes may have been missed before it. */
    SNAPSHOT,
    /** A snapshot that was asked for read it, while changes go on being told. */
    INCREMENTAL_SNAPSHOT
}
