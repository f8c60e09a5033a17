package io.forebay.jdbc;

import io.forebay.MissingRow;
import io.forebay.spi.DeadLetter;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import javax.sql.DataSource;

/**
 * The dead letters of a database: to look at, to try again, to throw away. Thread-safe, and safe beside running flushes
 * and other programs that do the same. Every method throws a {@link io.forebay.spi.SinkException} if the database cannot
 * do it.
 */
public final class JdbcDeadLetters {
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);

    private final DataSource dataSource;

    /** The dead letters of the database behind {@code dataSource}, which stays open. */
    public JdbcDeadLetters(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /**
     * One dead letter.
     *
     * @param journal id of the journal
     * @param partition number of the partition
     * @param batch id of the batch
     * @param letter what was refused, and why the last time
     * @param created when it was refused first
     * @param attempts how often it was refused, at least 1
     */
    public record Entry(UUID journal, int partition, UUID batch, DeadLetter letter, Instant created, int attempts) {}

    /**
     * What a replay did.
     *
     * @param applied dead letters that are in the database now
     * @param refused dead letters that were refused again, and stay
     */
    public record Replayed(int applied, int refused) {}

    /** The oldest dead letters, in the order they were refused, at most {@code limit}. */
    public List<Entry> list(int limit) {
        if (limit < 1) throw new IllegalArgumentException("limit must be at least 1, was " + limit);
        return run(
                "listing dead letters",
                (session, dialect) -> stored(session, dialect, limit).stream()
                        .map(JdbcDeadLetters::entry)
                        .toList());
    }

    /**
     * Tries those that match again, oldest first. Each is applied and removed in one transaction; one that is refused
     * again stays, with one attempt more and the new message.
     */
    public Replayed replay(Predicate<Entry> filter) {
        return run("replaying dead letters", (session, dialect) -> {
            Tables tables = new Tables();
            int applied = 0;
            int refused = 0;
            for (DeadLetterTable.Stored stored : stored(session, dialect, Integer.MAX_VALUE)) {
                if (!filter.test(entry(stored))) continue;
                switch (replay(session, dialect, tables, stored)) {
                    case APPLIED -> applied++;
                    case REFUSED -> refused++;
                    case GONE -> {} // another program was faster
                }
            }
            return new Replayed(applied, refused);
        });
    }

    /** Throws those that match away; returns how many. They cannot be brought back. */
    public int drop(Predicate<Entry> filter) {
        return run("dropping dead letters", (session, dialect) -> {
            int dropped = 0;
            for (DeadLetterTable.Stored stored : stored(session, dialect, Integer.MAX_VALUE)) {
                if (!filter.test(entry(stored))) continue;
                session.begin();
                dialect.prepareTransaction(session, STATEMENT_TIMEOUT);
                if (new DeadLetterTable(session, dialect).delete(stored)) dropped++;
                session.commit();
            }
            return dropped;
        });
    }

    private enum Outcome {
        APPLIED,
        REFUSED,
        GONE
    }

    private static Outcome replay(Session session, Dialect dialect, Tables tables, DeadLetterTable.Stored stored)
            throws SQLException {
        DeadLetterTable table = new DeadLetterTable(session, dialect);
        DeadLetter letter = stored.letter();
        session.begin();
        dialect.prepareTransaction(session, STATEMENT_TIMEOUT);
        if (!table.lock(stored)) {
            session.rollback();
            return Outcome.GONE;
        }
        RowWriter writer = new RowWriter(session, dialect, tables, List.of(), it -> MissingRow.DEAD_LETTER);
        RowWork work = RowWork.of(letter.table(), letter.key(), letter.stage());
        writer.write(work.isAppend() ? List.of() : List.of(work), work.isAppend() ? List.of(work) : List.of());

        List<DeadLetter> again = writer.deadLetters();
        if (again.isEmpty()) table.delete(stored);
        else table.refusedAgain(stored, again.get(0).state(), again.get(0).message());
        session.commit();
        return again.isEmpty() ? Outcome.APPLIED : Outcome.REFUSED;
    }

    private static List<DeadLetterTable.Stored> stored(Session session, Dialect dialect, int limit)
            throws SQLException {
        session.begin();
        List<DeadLetterTable.Stored> all = new DeadLetterTable(session, dialect).list(limit);
        session.rollback();
        return all;
    }

    private static Entry entry(DeadLetterTable.Stored stored) {
        return new Entry(
                stored.journal(),
                stored.partition(),
                stored.batch(),
                stored.letter(),
                stored.created(),
                stored.attempts());
    }

    private interface Work<T> {
        T in(Session session, Dialect dialect) throws SQLException;
    }

    private <T> T run(String doing, Work<T> work) {
        SqlErrors errors = SqlErrors.STANDARD;
        try (Session session = Session.open(dataSource)) {
            Dialect dialect = Dialect.of(session);
            errors = dialect.errors();
            return work.in(session, dialect);
        } catch (SQLException e) {
            throw errors.translate(doing, e);
        }
    }
}
