package io.forebay.jdbc;

import io.forebay.MissingRow;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.DeadLetterStore;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import javax.sql.DataSource;

/**
 * The dead letters of a relational database. What is applied again and its removal are one transaction.
 */
public final class JdbcDeadLetters implements DeadLetterStore {
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(30);

    private final DataSource dataSource;

    /** The dead letters of the database behind {@code dataSource}, which stays open. */
    public JdbcDeadLetters(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    @Override
    public List<Entry> list(int limit) {
        DeadLetterStore.requireLimit(limit);
        return run(
                "listing dead letters",
                (session, dialect) -> stored(session, dialect, limit).stream()
                        .map(JdbcDeadLetters::entry)
                        .toList());
    }

    @Override
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

    @Override
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
