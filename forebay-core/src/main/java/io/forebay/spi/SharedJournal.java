package io.forebay.spi;

import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A journal outside of the processes that write to it: what is pending in a buffer that they share, by partition, in an
 * order that all of them see. Everything it holds has a sequence, which only grows within its partition; what the
 * database's watermark has reached may be deleted, and nothing else.
 *
 * <p>One object of this type is one writer: it numbers the windows it appends. Thread-safe.
 */
public interface SharedJournal extends AutoCloseable {
    /** Names it in messages and logs, without credentials. */
    String description();

    /** Its identity: the same in every process, and another one if its content was made anew. */
    UUID id();

    /**
     * Adds a window to a partition, whole or not at all. At most one call per partition is under way; a call that did not
     * succeed is repeated with the same number until it does, and what it carries counts once however often that is.
     *
     * @param number number of the window among those that this writer appends to the partition, from 1, ascending
     * @return the sequence of the window, once it is as durable as this journal makes it; or fails with a
     *     {@link TransientSinkException} if it is to be repeated, or with {@link io.forebay.JournalWriteException} if the
     *     window is certainly not in and never will be
     */
    CompletableFuture<Long> append(int partition, long number, SharedWindow window);

    /**
     * Makes sure that writes can be taken now.
     *
     * @throws io.forebay.ForebayException if they cannot and the journal was told not to wait
     */
    void requireWritable();

    /**
     * What is pending for a row.
     *
     * @param atLeast number of a window of this writer that the answer has to include
     * @throws TransientSinkException if the journal cannot be reached, or the window is not seen in time
     */
    Tail tail(int partition, RowKey key, long atLeast);

    /** Asks whoever flushes the partition to flush, at once, all it holds now. */
    void flushSoon(int partition);

    /** Keeps the definition of a table for those who flush it and never declared it. */
    void define(TableDefinition table);

    /** A definition that any process has kept. */
    Optional<TableDefinition> definition(String table);

    /** Takes part in flushing: partitions are shared out among the processes that do. Called once. */
    SharedFeed feed();

    /** Bytes that are kept and not in the database yet, as far as known without asking. */
    long backlogBytes();

    /** The numbers that the journal still holds of a partition: a watermark that is not among them does not belong to it. */
    Range range(int partition);

    @Override
    void close();

    /**
     * What a journal holds of a partition.
     *
     * @param released everything up to this sequence may have been deleted
     * @param newest the highest sequence under which anything was added; at least {@code released}
     * @param highest no sequence above it was ever given away, not even one that the journal has lost since; at least
     *     {@code newest}. A watermark may be there, and has to be waited for only up to {@code newest}
     */
    record Range(long released, long newest, long highest) {
        /** Of a journal that loses nothing. */
        public Range(long released, long newest) {
            this(released, newest, newest);
        }
    }

    /**
     * What is pending for one row, in one consistent view.
     *
     * @param seen number of this writer's newest window that is included; 0 if none is
     * @param upTo nothing that is added after this view gets a sequence up to this one
     * @param overlay what the journal holds of the row, by sequence
     */
    record Tail(long seen, long upTo, Overlay overlay) {}
}
