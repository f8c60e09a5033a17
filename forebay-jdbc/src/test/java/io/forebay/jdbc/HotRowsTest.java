package io.forebay.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.MissingRow;
import io.forebay.spi.Batch;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.SinkSettings;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TransientSinkException;
import io.forebay.testservers.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** Rule D8: locks are taken in one order, so that flushers do not deadlock and others cost a retry at most. */
final class HotRowsTest {
    private static final int ROWS = 5_000;
    private static final int FLUSHERS = 4;
    private static final int BATCHES = 10;
    private static final int BATCH_ROWS = 300;
    private static final int MAX_TRIES = 50;
    private static final Executor THREADS =
            task -> new Thread(task).start(); // the common pool may have one thread only

    @Test
    void no_batch_is_lost_while_another_program_updates_the_same_rows_in_another_order() throws Exception {
        try (PostgresServer server = PostgresServer.create("deadlock_timeout=100ms");
                HikariDataSource pool = pool(server)) {
            execute(
                    server.dataSource(),
                    "CREATE TABLE hot (id bigint PRIMARY KEY, a bigint, b bigint, other bigint DEFAULT 0)");
            execute(
                    server.dataSource(),
                    "INSERT INTO hot SELECT i, 0, 0 FROM generate_series(0, " + (ROWS - 1) + ") i");
            JdbcSink sink = new JdbcSink(pool, new SinkSettings(Duration.ofSeconds(30), true));
            UUID journal = UUID.randomUUID();
            sink.attach(journal, FLUSHERS, null);
            AtomicBoolean done = new AtomicBoolean();

            CompletableFuture<Void> other =
                    CompletableFuture.runAsync(() -> updateBackwards(server.dataSource(), done), THREADS);
            List<CompletableFuture<Void>> flushers = new ArrayList<>();
            for (int partition = 0; partition < FLUSHERS; partition++) {
                int mine = partition;
                flushers.add(CompletableFuture.runAsync(() -> flush(sink, journal, mine), THREADS));
            }
            flushers.forEach(CompletableFuture::join);
            done.set(true);
            other.join();

            long expected = (long) FLUSHERS * BATCHES * BATCH_ROWS;
            assertThat(number(server.dataSource(), "SELECT sum(a) + sum(b) FROM hot"))
                    .isEqualTo(expected);
            assertThat(number(server.dataSource(), "SELECT count(*) FROM forebay_dead_letter"))
                    .isZero();
            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
        }
    }

    /**
     * One statement locks and writes here. The rows lie in the table in another order than that of their keys, so that a
     * plan that reads the table as it lies, which is the cheapest for a batch of nearly all rows, would deadlock with one
     * that looks up a few.
     */
    @Test
    void flushers_among_themselves_never_deadlock() throws Exception {
        try (PostgresServer server =
                        PostgresServer.create("deadlock_timeout=100ms", "plan_cache_mode=force_custom_plan");
                HikariDataSource pool = pool(server)) {
            execute(server.dataSource(), "CREATE TABLE hot (id bigint PRIMARY KEY, a bigint)");
            execute(
                    server.dataSource(),
                    "INSERT INTO hot SELECT i, 0 FROM generate_series(0, " + (ROWS - 1) + ") i ORDER BY md5(i::text)");
            execute(server.dataSource(), "ANALYZE hot");
            JdbcSink sink = new JdbcSink(pool, new SinkSettings(Duration.ofSeconds(30), true));
            UUID journal = UUID.randomUUID();
            sink.attach(journal, FLUSHERS, null);

            List<CompletableFuture<Void>> flushers = List.of(
                    flusher(sink, journal, 0, Stage.Kind.UPDATE, ROWS - 1),
                    flusher(sink, journal, 1, Stage.Kind.UPSERT, ROWS - 2),
                    flusher(sink, journal, 2, Stage.Kind.UPDATE, 40),
                    flusher(sink, journal, 3, Stage.Kind.UPSERT, 60));
            flushers.forEach(CompletableFuture::join); // a deadlock would be thrown here

            assertThat(number(server.dataSource(), "SELECT sum(a) FROM hot"))
                    .isEqualTo(4L * BATCHES * (ROWS - 1 + ROWS - 2 + 40 + 60));
        }
    }

    private static CompletableFuture<Void> flusher(
            JdbcSink sink, UUID journal, int partition, Stage.Kind kind, int rows) {
        return CompletableFuture.runAsync(() -> increment(sink, journal, partition, kind, rows), THREADS);
    }

    private static void increment(JdbcSink sink, UUID journal, int partition, Stage.Kind kind, int count) {
        Random random = new Random(partition);
        long epoch = sink.own(journal, partition).epoch();
        TableDefinition table = new TableDefinition(sink.describe("hot"), MissingRow.DEAD_LETTER, null, null, false);
        Stage stage = new Stage(kind, Map.of("a", new ColumnChange.Add(1L)));
        for (int i = 0; i < 4 * BATCHES; i++) {
            TreeSet<Long> ids = new TreeSet<>();
            while (ids.size() < count) ids.add((long) random.nextInt(ROWS));
            List<PendingRow> rows = ids.stream()
                    .map(id -> new PendingRow(RowKey.of("hot", List.of(id)), List.of(stage)))
                    .toList();
            sink.apply(new Batch(
                    journal, partition, epoch, i, i + 1, UUID.randomUUID(), rows, List.of(), Map.of("hot", table)));
        }
    }

    private static HikariDataSource pool(PostgresServer server) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(server.dataSource());
        config.setMaximumPoolSize(FLUSHERS + 1);
        return new HikariDataSource(config);
    }

    /** Each batch has two shapes, so that grouping by shape alone would lock in another order. */
    private static void flush(JdbcSink sink, UUID journal, int partition) {
        Random random = new Random(partition);
        long epoch = sink.own(journal, partition).epoch();
        TableDefinition table = new TableDefinition(sink.describe("hot"), MissingRow.DEAD_LETTER, null, null, false);
        for (int i = 0; i < BATCHES; i++) {
            TreeSet<Long> ids = new TreeSet<>();
            while (ids.size() < BATCH_ROWS) ids.add((long) random.nextInt(ROWS));
            List<PendingRow> rows = new ArrayList<>();
            for (long id : ids) {
                String column = random.nextBoolean() ? "a" : "b";
                Stage stage = new Stage(Stage.Kind.UPSERT, Map.of(column, new ColumnChange.Add(1L)));
                rows.add(new PendingRow(RowKey.of("hot", List.of(id)), List.of(stage)));
            }
            retry(
                    sink,
                    new Batch(
                            journal,
                            partition,
                            epoch,
                            i,
                            i + 1,
                            UUID.randomUUID(),
                            rows,
                            List.of(),
                            Map.of("hot", table)));
        }
    }

    private static void retry(JdbcSink sink, Batch batch) {
        for (int tries = 1; ; tries++) {
            try {
                sink.apply(batch);
                return;
            } catch (TransientSinkException e) {
                if (tries == MAX_TRIES) throw e;
            }
        }
    }

    private static void updateBackwards(DataSource dataSource, AtomicBoolean done) {
        Random random = new Random(99);
        try (Connection connection = dataSource.getConnection();
                PreparedStatement update =
                        connection.prepareStatement("UPDATE hot SET other = other + 1 WHERE id = ?")) {
            connection.setAutoCommit(false);
            while (!done.get()) {
                int start = random.nextInt(ROWS - 100) + 100;
                try {
                    for (int id = start; id > start - 100; id--) {
                        update.setLong(1, id);
                        update.executeUpdate();
                    }
                    connection.commit();
                } catch (SQLException e) {
                    connection.rollback(); // a deadlock: this program gives up its work
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void execute(DataSource dataSource, String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long number(DataSource dataSource, String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getLong(1);
        }
    }
}
