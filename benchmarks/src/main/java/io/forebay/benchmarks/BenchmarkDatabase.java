package io.forebay.benchmarks;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * The tables of the measurements, the same for every contender, and the pool through which all reach them. Thread-safe.
 */
public final class BenchmarkDatabase implements AutoCloseable {
    private static final int CONNECTIONS = 8;

    private final HikariDataSource pool;

    /** Opens the pool. */
    public BenchmarkDatabase(String jdbcUrl) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(jdbcUrl);
        config.setMaximumPoolSize(CONNECTIONS);
        this.pool = new HikariDataSource(config);
    }

    /** A piece of work on one connection. */
    @FunctionalInterface
    public interface Work<T> {
        /** Does it. */
        T on(Connection connection) throws SQLException;
    }

    /** The pool itself. */
    public DataSource dataSource() {
        return pool;
    }

    /** Makes the tables anew: {@code rows} counters at zero, as many stamps, no audit rows. */
    public void reset(int rows) {
        execute("DROP TABLE IF EXISTS counters, stamps, audit");
        execute("CREATE TABLE counters (id bigint PRIMARY KEY, value bigint NOT NULL)");
        execute("CREATE TABLE stamps (id bigint PRIMARY KEY, seen bigint NOT NULL)");
        execute("CREATE TABLE audit (id bigint NOT NULL, who text NOT NULL, what text NOT NULL)");
        refill(rows);
    }

    /** Sets the tables back to what {@link #reset} made of them, without dead rows, with all of it on disk. */
    public void refill(int rows) {
        execute("TRUNCATE counters, stamps, audit");
        execute("INSERT INTO counters SELECT id, 0 FROM generate_series(0, %d) AS id".formatted(rows - 1));
        execute("INSERT INTO stamps SELECT id, 0 FROM generate_series(0, %d) AS id".formatted(rows - 1));
        execute("VACUUM ANALYZE counters, stamps");
        execute("CHECKPOINT");
    }

    /** Executes one statement in a transaction of its own. */
    public void execute(String sql) {
        run(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.execute(sql);
            }
        });
    }

    /** The one whole number that the query gives. */
    public long number(String query) {
        return run(connection -> {
            try (Statement statement = connection.createStatement();
                    var result = statement.executeQuery(query)) {
                if (!result.next()) throw new SQLException("no row: " + query);
                return result.getLong(1);
            }
        });
    }

    /** Works on a connection of the pool. */
    public <T> T run(Work<T> work) {
        try (Connection connection = pool.getConnection()) {
            return work.on(connection);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Works on a connection of the pool in one transaction. */
    public <T> T transact(Work<T> work) {
        return run(connection -> {
            connection.setAutoCommit(false);
            try {
                T result = work.on(connection);
                connection.commit();
                return result;
            } catch (SQLException e) {
                connection.rollback();
                throw e;
            } finally {
                connection.setAutoCommit(true);
            }
        });
    }

    @Override
    public void close() {
        pool.close();
    }
}
