package io.forebay.jdbc;

import io.forebay.spi.ColumnType;
import io.forebay.spi.SchemaFaultException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Where databases differ. Implementations hold no state. */
interface Dialect {
    /** The dialect of the database behind the session. */
    static Dialect of(Session session) throws SQLException {
        String product = session.connection().getMetaData().getDatabaseProductName();
        return switch (product.toLowerCase(Locale.ROOT)) {
            case "postgresql" -> new PostgresDialect();
            case "h2" -> new H2Dialect();
            case "mariadb", "mysql" -> MariaDbDialect.of(session.connection().getMetaData());
            case "sqlite" -> SqliteDialect.of(session.connection().getMetaData());
            default ->
                throw new SchemaFaultException(
                        "Forebay knows PostgreSQL, MariaDB, MySQL, H2 and SQLite, not " + product, null);
        };
    }

    /** Names the DDL resource and the argument of {@code forebay schema}. */
    String name();

    /**
     * Makes sure that what is committed stays: forces the setting, or refuses.
     *
     * @throws io.forebay.spi.SchemaFaultException if the database is set up so that it may lose commits
     * @throws io.forebay.spi.TransientSinkException if it takes no writes now
     */
    void requireDurable(Session session) throws SQLException;

    /** Whether several transactions may write at once without harm to what a crash leaves behind. */
    boolean writesAtOnce();

    /** Sets up the transaction that has just begun: READ COMMITTED, durable commit, timeout per statement, no deferred constraints. */
    void prepareTransaction(Session session, Duration statementTimeout) throws SQLException;

    /** Keeps others from creating tables at the same time, until the transaction ends. */
    void lockForCreation(Session session) throws SQLException;

    /** The time of the statement, as Forebay's own tables hold it. */
    default String now() {
        return "CURRENT_TIMESTAMP(6)";
    }

    String quote(String identifier);

    /**
     * Looks the table up.
     *
     * @throws IllegalArgumentException if there is no such table, or several
     */
    JdbcTable describe(Session session, String name) throws SQLException;

    /** Locks the rows with these keys, in one order everywhere; returns which of them exist. */
    BitSet lock(Session session, JdbcTable table, List<List<Object>> keys) throws SQLException;

    /** Whether a statement that updates rows takes their locks in the order of {@link #lock}, so that this can be left out. */
    default boolean updatesInOrder() {
        return false;
    }

    /**
     * Updates those of the rows that exist; returns which these are. Only where the database {@link #updatesInOrder}.
     *
     * @param shape an {@link Shape.Operation#UPDATE}
     * @param rows in the order of their keys
     */
    default BitSet updatePresent(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows)
            throws SQLException {
        throw new UnsupportedOperationException(name() + " locks in no certain order");
    }

    /**
     * Sends rows of one shape (all but {@link Shape.Operation#REPLACE}); returns how many rows were changed.
     *
     * @param rows in the order of their keys; appends in the order they were written
     */
    int send(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows) throws SQLException;

    /**
     * Sends appends in the fastest form the database has; returns how many rows were inserted. It may refuse what
     * {@link #send} takes, but not the other way round.
     */
    default int append(Session session, JdbcTable table, Shape shape, List<Shape.Values> rows) throws SQLException {
        return send(session, table, shape, rows);
    }

    /** A parameter that is compared with the column. */
    String parameter(JdbcTable table, String column);

    /** A key's value as {@link java.sql.PreparedStatement#setObject} takes it, compared with {@link #parameter}. */
    default @Nullable Object toJdbc(@Nullable Object value) {
        return JdbcValues.toJdbc(value);
    }

    /** How a column is selected so that {@link #read} reads it exactly. */
    default String selected(String column, ColumnType type) {
        return column;
    }

    /**
     * Reads what was {@link #selected}, normalised. What the database can hold and Forebay cannot write ({@code infinity},
     * a year before 1) is returned as the driver gives it.
     */
    default @Nullable Object read(ResultSet row, int index, ColumnType type) throws SQLException {
        return JdbcValues.read(row, index, type);
    }

    /** What this database's errors mean. */
    default SqlErrors errors() {
        return SqlErrors.STANDARD;
    }
}
