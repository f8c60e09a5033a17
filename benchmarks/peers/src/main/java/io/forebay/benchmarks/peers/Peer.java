package io.forebay.benchmarks.peers;

/** A write-behind buffer under measurement, before the tables of {@link Store}. Thread-safe. */
interface Peer extends AutoCloseable {
    /** Adds one to a counter. */
    void increment(long id);

    /** Sets a stamp; the last one counts. */
    void stamp(long id, long seen);

    /** Inserts a row that no other has the id of; the text is that of {@link Store#auditText}. */
    void audit(long id, String text);

    /** Waits until everything the calling thread has written is acknowledged; nothing to do where a call's return is the ack. */
    default void awaitAcks() {}

    /** Statements sent to the database and rows in them, since the start. */
    Sent sent();

    /** What went to the database. */
    record Sent(long statements, long rows) {
        Sent since(Sent earlier) {
            return new Sent(statements - earlier.statements, rows - earlier.rows);
        }
    }

    @Override
    void close();
}
