package io.forebay.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection for one piece of work: counts the statements sent, gives the connection back as it was, and rolls back
 * what was not committed. One thread works with it; {@link #abort} may come from another.
 */
final class Session implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Session.class);
    private static final long CANCEL_MILLIS = 500;

    /** Reads one value from the current row. */
    interface RowReader<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** The values that change a row. */
    interface RowChange<T> {
        @Nullable
        Object[] values(int index, T found) throws SQLException;
    }

    private final Connection connection;
    private final boolean autoCommit;
    private List<String> atClose = List.of(); // puts other settings back
    private @Nullable String mend; // see mendBy
    private @Nullable Integer isolation; // what it was, if it was changed
    private volatile @Nullable Statement running;
    private volatile boolean aborted;
    private boolean ended = true; // whether no transaction is open
    private String opening = ""; // statements of the open transaction that are to be sent with its first one
    private int statements;

    private Session(Connection connection, boolean autoCommit) {
        this.connection = connection;
        this.autoCommit = autoCommit;
    }

    /** Takes a connection; a pool that fails in its own way fails with an {@link SQLException} here. */
    static Session open(DataSource dataSource) throws SQLException {
        Connection connection;
        try {
            connection = dataSource.getConnection();
        } catch (RuntimeException e) {
            throw new SQLException("no connection: " + e.getMessage(), "08001", e);
        }
        try {
            return new Session(connection, connection.getAutoCommit());
        } catch (SQLException e) {
            closeQuietly(connection);
            throw e;
        }
    }

    Connection connection() {
        return connection;
    }

    int statements() {
        return statements;
    }

    /** Begins a transaction. */
    void begin() throws SQLException {
        if (!connection.getAutoCommit()) connection.rollback(); // whatever snapshot the pool left open
        connection.setAutoCommit(false);
        ended = false;
    }

    /**
     * Keeps statements without values back, to send them in front of the transaction's first one: that spares a round trip.
     * A transaction that sends nothing else never sends them.
     */
    void openWith(String sql) {
        opening = sql;
    }

    /** From here on each statement sees what was committed before it, until the session is closed. */
    void readCommitted() throws SQLException {
        int found = connection.getTransactionIsolation();
        if (found == Connection.TRANSACTION_READ_COMMITTED) return;
        connection.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        isolation = found;
    }

    /**
     * Remembers statements that put settings back when the session is closed.
     *
     * @return false if some are remembered already; what was found then is not to be overwritten
     */
    boolean atClose(String... sql) {
        if (!atClose.isEmpty()) return false;
        atClose = List.of(sql);
        return true;
    }

    /**
     * Names the statement that begins a transaction, for a database that may have ended one by itself while the driver believes
     * in it: it is sent before a rollback, and fails where there is a transaction.
     */
    void mendBy(String sql) {
        mend = sql;
    }

    void commit() throws SQLException {
        connection.commit();
        end();
    }

    void rollback() throws SQLException {
        mend();
        connection.rollback();
        end();
    }

    private void end() {
        opening = "";
        ended = true;
    }

    Savepoint savepoint() throws SQLException {
        sendOpening();
        statements++;
        return connection.setSavepoint();
    }

    void release(Savepoint savepoint) throws SQLException {
        statements++;
        connection.releaseSavepoint(savepoint);
    }

    void rollbackTo(Savepoint savepoint) throws SQLException {
        statements++;
        connection.rollback(savepoint);
    }

    /** Executes statements that take no values and come from nobody but Forebay. */
    void execute(String sql) throws SQLException {
        sendOpening();
        executeAlone(sql);
    }

    private void sendOpening() throws SQLException {
        if (opening.isEmpty()) return;
        String sql = opening;
        opening = "";
        executeAlone(sql);
    }

    private void executeAlone(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            sending(statement);
            statement.execute(sql);
        } finally {
            running = null;
        }
    }

    /** Executes one statement; returns how many rows it changed. */
    int update(String sql, @Nullable Object... values) throws SQLException {
        String all = opening.isEmpty() ? sql : opening + "; " + sql;
        opening = "";
        try (PreparedStatement statement = connection.prepareStatement(all)) {
            bind(statement, values);
            sending(statement);
            return all.equals(sql) ? statement.executeUpdate() : lastCount(statement, statement.execute());
        } finally {
            running = null;
        }
    }

    /** What the last of several statements changed, whatever those before it answered. */
    private static int lastCount(Statement statement, boolean answersRows) throws SQLException {
        int changed = 0;
        int next = answersRows ? 0 : statement.getUpdateCount();
        while (answersRows || next >= 0) {
            changed = next;
            answersRows = statement.getMoreResults();
            next = answersRows ? 0 : statement.getUpdateCount();
        }
        return changed;
    }

    /** Executes one statement for each row of values, in order; returns how many rows all of them changed. */
    int updateEach(String sql, List<@Nullable Object[]> rows) throws SQLException {
        sendOpening();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (@Nullable Object[] values : rows) {
                bind(statement, values);
                statement.addBatch();
            }
            sending(statement);
            int changed = 0;
            for (int count : statement.executeBatch()) changed += count == Statement.SUCCESS_NO_INFO ? 1 : count;
            return changed;
        } finally {
            running = null;
        }
    }

    /**
     * Reads each row and then changes it, before the next one is read: what a change sets off is seen. A row that is not
     * found is left out.
     *
     * @param keys what the query of each row takes
     * @param change what the update takes, for the row with this index and what was read of it
     * @return how many rows all of them changed
     */
    <T> int readAndUpdateEach(
            String query, RowReader<T> reader, List<@Nullable Object[]> keys, String update, RowChange<T> change)
            throws SQLException {
        sendOpening();
        try (PreparedStatement read = connection.prepareStatement(query);
                PreparedStatement write = connection.prepareStatement(update)) {
            sending(write);
            int changed = 0;
            for (int i = 0; i < keys.size(); i++) {
                requireNotGivenUp();
                bind(read, keys.get(i));
                T found;
                try (ResultSet result = read.executeQuery()) {
                    if (!result.next()) continue;
                    found = reader.read(result);
                }
                bind(write, change.values(i, found));
                changed += write.executeUpdate();
            }
            return changed;
        } finally {
            running = null;
        }
    }

    /** A COPY is about to be sent by the driver's own means. */
    void copying() throws SQLException {
        sendOpening();
        requireNotGivenUp();
        statements++;
    }

    <T> List<T> query(String sql, RowReader<T> reader, @Nullable Object... values) throws SQLException {
        sendOpening();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            bind(statement, values);
            sending(statement);
            try (ResultSet result = statement.executeQuery()) {
                List<T> rows = new ArrayList<>();
                while (result.next()) rows.add(reader.read(result));
                return rows;
            }
        } finally {
            running = null;
        }
    }

    /** Executes one query for each row of values, prepared once; returns which of them found something. */
    BitSet found(String sql, List<@Nullable Object[]> rows) throws SQLException {
        sendOpening();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            sending(statement);
            BitSet found = new BitSet(rows.size());
            for (int i = 0; i < rows.size(); i++) {
                bind(statement, rows.get(i));
                try (ResultSet result = statement.executeQuery()) {
                    found.set(i, result.next());
                }
            }
            return found;
        } finally {
            running = null;
        }
    }

    /** The first row of the query, if there is one. */
    <T> Optional<T> first(String sql, RowReader<T> reader, @Nullable Object... values) throws SQLException {
        return query(sql, reader, values).stream().findFirst();
    }

    /**
     * The first row of a query that sees what was committed before it: by itself where the connection commits each
     * statement by itself, which spares a round trip, otherwise in a transaction of its own.
     */
    <T> Optional<T> firstFresh(String sql, RowReader<T> reader, @Nullable Object... values) throws SQLException {
        return fresh(() -> first(sql, reader, values));
    }

    /** As {@link #firstFresh}, for any queries. */
    <T> T fresh(Query<T> query) throws SQLException {
        if (connection.getAutoCommit()) return query.run();
        begin();
        T answer = query.run();
        rollback();
        return answer;
    }

    /** Something that only reads. */
    interface Query<T> {
        T run() throws SQLException;
    }

    /**
     * Cancels what is running and cuts the connection, on a thread of its own: either may hang as well. Where a driver
     * cannot cut, the next statement fails.
     */
    void abort() {
        aborted = true;
        Statement statement = running;
        daemon("forebay-abort", () -> {
            if (statement != null) cancel(statement);
            try {
                connection.abort(task -> daemon("forebay-abort-connection", task));
            } catch (SQLException e) {
                LOG.debug("a connection could not be aborted", e);
            }
        });
    }

    private static void cancel(Statement statement) {
        Thread canceller = daemon("forebay-cancel", () -> {
            try {
                statement.cancel();
            } catch (SQLException e) {
                LOG.debug("a statement could not be cancelled", e);
            }
        });
        try {
            canceller.join(CANCEL_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /** Never throws: it may follow an error that matters more. */
    @Override
    public void close() {
        try {
            if (!ended) rollback();
            for (String sql : atClose) execute(sql);
            if (connection.getAutoCommit() != autoCommit) connection.setAutoCommit(autoCommit);
            if (isolation != null) connection.setTransactionIsolation(isolation);
        } catch (SQLException e) {
            LOG.debug("a connection could not be set back and is cut, so that no pool hands it out again", e);
            cut();
        } finally {
            closeQuietly(connection);
        }
    }

    private void mend() {
        if (mend == null) return;
        try (Statement statement = connection.createStatement()) {
            statement.execute(mend);
        } catch (SQLException e) {
            LOG.trace("the transaction was still there", e);
        }
    }

    /** There are drivers whose abort does nothing, and a pool would not close what was handed out. */
    private void cut() {
        try {
            connection.abort(Runnable::run);
            connection.unwrap(Connection.class).close();
        } catch (SQLException e) {
            LOG.debug("a connection could not be cut", e);
        }
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (SQLException e) {
            LOG.debug("a connection could not be closed", e);
        }
    }

    private void sending(Statement statement) throws SQLException {
        requireNotGivenUp();
        statements++;
        running = statement;
    }

    private void requireNotGivenUp() throws SQLException {
        if (aborted) throw new SQLException("this connection was given up", "57014");
    }

    private static void bind(PreparedStatement statement, @Nullable Object[] values) throws SQLException {
        for (int i = 0; i < values.length; i++) statement.setObject(i + 1, values[i]);
    }
}
