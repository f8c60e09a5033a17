package io.forebay.spi;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Applies batches to a database and moves the watermark, atomically.
 *
 * <p>Thread-safe: calls for different partitions come from different threads at the same time, reads from any thread.
 * For one partition at most one {@link #apply} is under way, except when an earlier call hangs and was abandoned.
 *
 * <p>Every method may throw {@link TransientSinkException} when the database cannot be reached.
 */
public interface Sink extends AutoCloseable {
    /** Names the database in messages and logs, without credentials: {@code postgresql://host/db}. */
    String description();

    /**
     * Checks that the database can keep Forebay's guarantees and that it belongs to the journal, and creates the
     * missing watermark rows of a journal that was never attached.
     *
     * @param expected id of the database as the journal's manifest holds it; null if the journal was never attached
     * @return the id of the database, made at the first attachment of any journal
     * @throws MismatchException if the database is another one, or does not know this journal although it should
     */
    UUID attach(UUID journal, int partitions, @Nullable UUID expected);

    /**
     * Reads what the database says of a table.
     *
     * @throws IllegalArgumentException if there is no such table, or the name fits several; the message says what
     *     exists. A column of a type Forebay does not support is described as {@link ColumnType.Unsupported}.
     */
    TableInfo describe(String table);

    /**
     * Becomes the owner of a partition: raises its epoch by one, waiting for a transaction of the previous owner that is
     * still under way, and only then reads the watermark.
     */
    Watermark own(UUID journal, int partition);

    /**
     * Applies the whole batch and moves the watermark to {@link Batch#to()}, or does neither.
     *
     * @throws TransientSinkException if the same batch may succeed later; what became of this attempt may be unknown,
     *     the next one finds out
     * @throws FencedException if a newer owner has taken the partition
     * @throws SchemaFaultException if the tables do not fit what is written to them: a person must look
     * @throws MismatchException if the watermark is neither where the batch begins nor where it ends
     */
    BatchResult apply(Batch batch);

    /** Reads the row and the partition's watermark in one statement. */
    BaseRow read(UUID journal, int partition, TableInfo table, RowKey key);

    /**
     * The same, but perhaps from a cache, as it was at an earlier watermark. A read asks here first, and {@link #read} when that
     * watermark is too old for it.
     */
    default BaseRow recall(UUID journal, int partition, TableInfo table, RowKey key) {
        return read(journal, partition, table, key);
    }

    /** How far every partition of the journal is, by partition. */
    List<Watermark> watermarks(UUID journal);

    /** What the database refused of batches of the partition that end above a sequence. */
    List<Refused> refused(UUID journal, int partition, long above);

    /** Cancels what {@link #apply} is doing for the partition and cuts its connection; does not wait. */
    void abort(UUID journal, int partition);

    /** Releases what the sink opened itself; a connection pool handed in stays open. */
    @Override
    void close();
}
