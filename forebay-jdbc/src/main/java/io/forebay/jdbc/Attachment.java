package io.forebay.jdbc;

import io.forebay.spi.MismatchException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Binds a journal and a database to each other: each holds the other's id. */
final class Attachment {
    private static final int TRIES = 5;

    private final Session session;
    private final Dialect dialect;
    private final Duration statementTimeout;
    private final Watermarks watermarks;

    Attachment(Session session, Dialect dialect, Duration statementTimeout) {
        this.session = session;
        this.dialect = dialect;
        this.statementTimeout = statementTimeout;
        this.watermarks = new Watermarks(session, dialect);
    }

    /** Others may attach their journals at the same time: what they made first is found at the next try. */
    UUID attach(UUID journal, int partitions, @Nullable UUID expected) throws SQLException {
        for (int tries = 1; ; tries++) {
            session.begin();
            dialect.prepareTransaction(session, statementTimeout);
            try {
                UUID id = expected == null ? attach(journal, partitions) : verify(journal, partitions, expected);
                watermarks.requireFoundRowsCounted();
                session.commit();
                return id;
            } catch (SQLException e) {
                if (dialect.errors().kind(e) != ErrorKind.DATA || tries == TRIES) throw e;
                session.rollback();
            }
        }
    }

    /**
     * A journal whose manifest names no database. Its rows may be there all the same: the process ended after they were
     * made and before the manifest was written.
     */
    private UUID attach(UUID journal, int partitions) throws SQLException {
        Optional<UUID> known = watermarks.databaseId();
        UUID id = known.isPresent() ? known.get() : watermarks.createDatabaseId();
        if (watermarks.partitions(journal).isEmpty()) watermarks.create(journal, partitions);
        else requirePartitions(journal, partitions);
        return id;
    }

    private UUID verify(UUID journal, int partitions, UUID expected) throws SQLException {
        UUID found = watermarks.databaseId().orElse(null);
        if (!expected.equals(found))
            throw new MismatchException(
                    "journal %s belongs to database %s, this one is %s: connect to the right database, or start a new journal"
                            .formatted(journal, expected, found == null ? "unknown to Forebay" : found),
                    null);
        requirePartitions(journal, partitions);
        return expected;
    }

    private void requirePartitions(UUID journal, int partitions) throws SQLException {
        List<Integer> found = watermarks.partitions(journal);
        if (!found.equals(IntStream.range(0, partitions).boxed().toList()))
            throw new MismatchException(
                    "database %s has watermarks for partitions %s of journal %s, which has %d partitions: it is an older copy of the database, or its rows were deleted"
                            .formatted(watermarks.databaseId().orElse(null), found, journal, partitions),
                    null);
    }
}
