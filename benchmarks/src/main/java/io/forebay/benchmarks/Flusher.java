package io.forebay.benchmarks;

/** A buffer that is filled first, which is not measured, and flushed then, which is. One thread. */
interface Flusher extends AutoCloseable {
    /** Takes rows with the keys from 0 to {@code rows} − 1, in no order; nothing is sent yet. */
    void fill(int rows);

    /** Sends them; returns when all are committed. */
    void flush();

    /** How many rows a transaction carried, on average over all flushes. */
    double rowsPerBatch();

    @Override
    void close();
}
