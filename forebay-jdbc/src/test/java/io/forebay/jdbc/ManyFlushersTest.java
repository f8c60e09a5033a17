package io.forebay.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.MissingRow;
import io.forebay.Table;
import io.forebay.testservers.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rule D8, with nobody else on the rows: instances that flush the same rows wait for each other, and never deadlock. */
@Timeout(120)
final class ManyFlushersTest {
    private static final int INSTANCES = 4;
    private static final int ROWS = 400;
    private static final int WRITES = 12_000;

    @TempDir
    Path folder;

    private final Queue<String> retries = new ConcurrentLinkedQueue<>();

    /** Trap: rows are flushed in the order of a hash map, another one in each process. */
    @Test
    void instances_that_flush_the_same_hot_rows_never_deadlock() throws SQLException {
        try (PostgresServer server = PostgresServer.create("deadlock_timeout=100ms");
                HikariDataSource pool = pool(server)) {
            execute(pool, "CREATE TABLE hot (id bigint PRIMARY KEY, a bigint, b bigint)");
            execute(pool, "INSERT INTO hot SELECT i, 0, 0 FROM generate_series(0, " + (ROWS - 1) + ") i");

            writeFromAll(pool);

            assertThat(sum(pool)).isEqualTo((long) INSTANCES * WRITES);
            assertThat(number(pool, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"))
                    .isZero();
            assertThat(retries).isEmpty();
        }
    }

    /** Rows that do not exist cannot be locked; those who insert the same ones at once may meet, and it costs a retry. */
    @Test
    void instances_that_insert_the_same_rows_lose_nothing() throws SQLException {
        try (PostgresServer server = PostgresServer.create("deadlock_timeout=100ms");
                HikariDataSource pool = pool(server)) {
            execute(pool, "CREATE TABLE hot (id bigint PRIMARY KEY, a bigint, b bigint)");

            writeFromAll(pool);

            assertThat(sum(pool)).isEqualTo((long) INSTANCES * WRITES);
            assertThat(number(pool, "SELECT count(*) FROM forebay_dead_letter")).isZero();
            assertThat(retries).allSatisfy(retry -> assertThat(retry).contains("40P01"));
        }
    }

    private void writeFromAll(DataSource dataSource) {
        List<CompletableFuture<Void>> instances = new ArrayList<>();
        for (int i = 0; i < INSTANCES; i++) {
            int number = i;
            instances.add(CompletableFuture.runAsync(
                    () -> write(dataSource, number), task -> new Thread(task, "instance").start()));
        }
        instances.forEach(CompletableFuture::join);
    }

    private static long sum(DataSource dataSource) throws SQLException {
        return number(dataSource, "SELECT sum(coalesce(a, 0) + coalesce(b, 0)) FROM hot");
    }

    private static HikariDataSource pool(PostgresServer server) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(server.dataSource());
        config.setMaximumPoolSize(5 * INSTANCES);
        return new HikariDataSource(config);
    }

    /** One partition each, so that every batch may have any row. */
    private void write(DataSource dataSource, int instance) {
        Random random = new Random(instance);
        FlushPolicy often = FlushPolicy.DEFAULT.withMaxRows(200).withInterval(Duration.ofMillis(5), Duration.ZERO);
        try (Forebay forebay = Forebay.builder()
                .database(dataSource)
                .journal(folder.resolve("journal-" + instance))
                .partitions(1)
                .flush(often)
                .listener(listener())
                .createTables()
                .build()) {
            Table hot = forebay.table("hot", table -> table.onMissingRow(MissingRow.INSERT));
            for (int i = 0; i < WRITES; i++) hot.row(random.nextInt(ROWS)).increment(random.nextBoolean() ? "a" : "b");
            forebay.flushAndWait();
            assertThat(forebay.stats().batches()).isGreaterThan(10);
        }
    }

    private ForebayListener listener() {
        return new ForebayListener() {
            @Override
            public void retrying(String database, int partition, ForebayException reason, Duration wait) {
                retries.add(String.valueOf(reason));
            }
        };
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
