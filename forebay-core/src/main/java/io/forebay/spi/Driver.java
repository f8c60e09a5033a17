package io.forebay.spi;

import io.forebay.FlushPolicy;

/**
 * What keeps the pending writes of a buffer that several processes share. The application names it at the builder and
 * goes on using tables and rows as before.
 */
public interface Driver {
    /**
     * What a shared journal is opened with.
     *
     * @param database name of the database within its {@link io.forebay.Forebay}; processes that share a buffer use the
     *     same one
     * @param partitions how many partitions the buffer has; all processes say the same
     * @param flush when batches are due
     */
    record Settings(String database, int partitions, FlushPolicy flush) {}

    /**
     * Opens the journal, which is made if it is not there.
     *
     * @throws io.forebay.ForebayException if it cannot be reached, was made with another number of partitions, or cannot
     *     keep what is asked of it
     */
    SharedJournal open(Settings settings);
}
