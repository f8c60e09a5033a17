package io.forebay.jdbc;

import io.forebay.spi.Batch;
import io.forebay.spi.FencedException;
import io.forebay.spi.MismatchException;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Watermark;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The rows of {@code forebay_database} and {@code forebay_watermark}, within the session's transaction. */
final class Watermarks {
    private static final String ADVANCE = """
            UPDATE forebay_watermark SET sequence = ?, batch = ?, updated_at = %s
            WHERE journal = ? AND partition_no = ? AND epoch = ? AND sequence = ?""";

    private static final String TAKE = """
            UPDATE forebay_watermark SET epoch = epoch + 1, updated_at = %s
            WHERE journal = ? AND partition_no = ?""";

    private static final String READ =
            "SELECT epoch, sequence, batch FROM forebay_watermark WHERE journal = ? AND partition_no = ?";

    private static final String CREATE = """
            INSERT INTO forebay_watermark (journal, partition_no, epoch, sequence, batch, updated_at)
            VALUES (?, ?, 0, 0, NULL, %s)""";

    private final Session session;
    private final String now;

    Watermarks(Session session, Dialect dialect) {
        this.session = session;
        this.now = dialect.now();
    }

    /** The compare-and-set every batch begins with; waits for another attempt at the same partition. */
    boolean advance(Batch batch) throws SQLException {
        return session.update(
                        ADVANCE.formatted(now),
                        batch.to(),
                        batch.id().toString(),
                        batch.journal().toString(),
                        batch.partition(),
                        batch.epoch(),
                        batch.from())
                == 1;
    }

    /**
     * Why {@link #advance} changed nothing, read afterwards with a fresh snapshot. Returns if the batch is applied
     * already.
     */
    void requireApplied(Batch batch) throws SQLException {
        Watermark found =
                read(batch.journal(), batch.partition()).orElseThrow(() -> missing(batch.journal(), batch.partition()));
        if (found.epoch() > batch.epoch())
            throw new FencedException(
                    "partition %d of journal %s has a newer owner: epoch %d, this one is %d"
                            .formatted(batch.partition(), batch.journal(), found.epoch(), batch.epoch()),
                    null);
        boolean applied = found.epoch() == batch.epoch()
                && found.sequence() == batch.to()
                && batch.id().equals(found.batch());
        if (!applied)
            throw new MismatchException(
                    "partition %d of journal %s: the database is at epoch %d, sequence %d, batch %s; batch %s goes from %d to %d in epoch %d"
                            .formatted(
                                    batch.partition(),
                                    batch.journal(),
                                    found.epoch(),
                                    found.sequence(),
                                    found.batch(),
                                    batch.id(),
                                    batch.from(),
                                    batch.to(),
                                    batch.epoch()),
                    null);
    }

    /** Raises the epoch; only then is the watermark read. */
    Watermark take(UUID journal, int partition) throws SQLException {
        if (session.update(TAKE.formatted(now), journal.toString(), partition) != 1) throw missing(journal, partition);
        return read(journal, partition).orElseThrow(() -> missing(journal, partition));
    }

    Optional<Watermark> read(UUID journal, int partition) throws SQLException {
        return session.first(READ, Watermarks::watermark, journal.toString(), partition);
    }

    /** Those of all partitions of the journal, in order. */
    List<Watermark> all(UUID journal) throws SQLException {
        return session.query(
                "SELECT epoch, sequence, batch FROM forebay_watermark WHERE journal = ? ORDER BY partition_no",
                Watermarks::watermark,
                journal.toString());
    }

    /** The partitions this database knows of the journal, in order. */
    List<Integer> partitions(UUID journal) throws SQLException {
        return session.query(
                "SELECT partition_no FROM forebay_watermark WHERE journal = ? ORDER BY partition_no",
                row -> row.getInt(1),
                journal.toString());
    }

    void create(UUID journal, int partitions) throws SQLException {
        for (int partition = 0; partition < partitions; partition++)
            session.update(CREATE.formatted(now), journal.toString(), partition);
    }

    Optional<UUID> databaseId() throws SQLException {
        return session.first("SELECT id FROM forebay_database", row -> UUID.fromString(row.getString(1)));
    }

    UUID createDatabaseId() throws SQLException {
        UUID id = UUID.randomUUID();
        session.update("INSERT INTO forebay_database (one_row, id) VALUES (1, ?)", id.toString());
        return id;
    }

    /** Everything here relies on it: a row that is found counts, whether or not an update changes it. */
    void requireFoundRowsCounted() throws SQLException {
        if (session.update("UPDATE forebay_database SET id = id") != 1)
            throw new SchemaFaultException(
                    "the driver counts only rows that an update changes: take useAffectedRows=true out of the URL",
                    null);
    }

    static MismatchException missing(UUID journal, int partition) {
        return new MismatchException(
                "the database has no watermark for partition " + partition + " of journal " + journal
                        + ": it is another database, or an older copy of it",
                null);
    }

    private static Watermark watermark(ResultSet row) throws SQLException {
        return new Watermark(row.getLong(1), row.getLong(2), uuid(row.getString(3)));
    }

    private static @Nullable UUID uuid(@Nullable String text) {
        return text == null ? null : UUID.fromString(text);
    }
}
