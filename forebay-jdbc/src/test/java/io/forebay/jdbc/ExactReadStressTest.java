package io.forebay.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Ack;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.ForebayListener;
import io.forebay.MissingRow;
import io.forebay.Table;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.testservers.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rules R1 and R2 on a real database: while rows are written and flushed all the time, no reader ever sees a counter below
 * what was written before its read began, above what was written when it ended, or below what it saw before.
 */
final class ExactReadStressTest {
    private static final int ROWS = 4;
    private static final int WRITERS = 3;
    private static final int READERS = 3;
    private static final int INCREMENTS = 10_000;
    private static final int READS = 1_000;
    private static final int FLUSHES = 100;
    private static final Executor THREADS = task -> new Thread(task).start();

    @TempDir
    Path folder;

    private final AtomicLongArray begun = new AtomicLongArray(ROWS); // counted before the write
    private final AtomicLongArray written = new AtomicLongArray(ROWS); // counted after it
    private final AtomicLong reads = new AtomicLong();
    private final AtomicLong flushes = new AtomicLong();

    @Test
    void a_read_is_between_what_was_written_before_it_and_what_was_written_after_it() throws Exception {
        try (PostgresServer server = PostgresServer.create();
                HikariDataSource pool = pool(server);
                Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE counters (id bigint PRIMARY KEY, hits bigint)");
            try (Forebay forebay = open(pool)) {
                Table counters = forebay.table("counters", t -> t.onMissingRow(MissingRow.INSERT));
                List<CompletableFuture<Void>> writers = start(WRITERS, seed -> write(counters, seed));
                CompletableFuture<Void> written = CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new));
                List<CompletableFuture<Void>> readers = start(READERS, seed -> read(counters, written));

                readers.forEach(CompletableFuture::join);
                written.join();
                forebay.flushAndWait();
            }
            for (int row = 0; row < ROWS; row++)
                try (ResultSet result = statement.executeQuery("SELECT hits FROM counters WHERE id = " + row)) {
                    assertThat(result.next()).isTrue();
                    assertThat(result.getLong(1)).isEqualTo(this.written.get(row));
                }
        }
    }

    private interface Work {
        void run(int seed);
    }

    private static List<CompletableFuture<Void>> start(int threads, Work work) {
        List<CompletableFuture<Void>> started = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            int seed = i;
            started.add(CompletableFuture.runAsync(() -> work.run(seed), THREADS));
        }
        return started;
    }

    private void write(Table counters, int seed) {
        for (int i = 0; i < INCREMENTS || reads.get() < READS || flushes.get() < FLUSHES; i++) {
            int row = (seed + i) % ROWS;
            begun.incrementAndGet(row);
            Ack ack = counters.row((long) row).increment("hits");
            written.incrementAndGet(row);
            if (i % 20 == 0) ack.await(); // as slow as a disk, so that many flushes fall between
        }
    }

    private void read(Table counters, CompletableFuture<Void> writers) {
        long[] seen = new long[ROWS];
        for (int i = 0; !writers.isDone(); i++) {
            int row = i % ROWS;
            long least = Math.max(seen[row], written.get(row));
            long found = counters.row((long) row)
                    .read()
                    .map(it -> it.getLong("hits"))
                    .orElse(0L);
            assertThat(found).isBetween(least, begun.get(row));
            seen[row] = found;
            reads.incrementAndGet();
        }
    }

    private Forebay open(HikariDataSource pool) {
        return Forebay.builder()
                .database(pool)
                .journal(folder)
                .partitions(4)
                .createTables()
                .listener(new ForebayListener() {
                    @Override
                    public void flushed(String database, Batch batch, BatchResult result, Duration took) {
                        flushes.incrementAndGet();
                    }
                })
                .flush(FlushPolicy.DEFAULT.withMaxRows(2).withInterval(Duration.ofMillis(2), Duration.ofMillis(2)))
                .build();
    }

    private static HikariDataSource pool(PostgresServer server) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(server.dataSource());
        config.setMaximumPoolSize(12);
        return new HikariDataSource(config);
    }
}
