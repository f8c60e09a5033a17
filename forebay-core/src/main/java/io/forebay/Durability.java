package io.forebay;

/** What an {@link Ack} waits for. Each level includes those before it. */
public enum Durability {
    /** Merged in memory, visible to reads of this process. Lost if the process dies within the next moment. */
    MEMORY,
    /** Written to the journal: survives a crash of the process, not a power cut. */
    JOURNALED,
    /** Forced to the journal's disk: survives a power cut. The default. */
    SYNCED,
    /** In the database; asks for an early flush. */
    FLUSHED
}
