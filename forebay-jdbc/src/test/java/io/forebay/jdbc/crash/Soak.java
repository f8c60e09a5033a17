package io.forebay.jdbc.crash;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.BufferPolicy;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.ForebayListener;
import io.forebay.FullPolicy;
import io.forebay.JournalPolicy;
import io.forebay.MissingRow;
import io.forebay.Stats;
import io.forebay.Table;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.testservers.PostgresServer;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;

/**
 * Writes at full speed from several threads into a database that is slower than they are: each statement on its tables
 * takes {@value #STATEMENT_MILLIS} ms longer than it would. Measures what callers and the heap see of that, and compares
 * every row in the end.
 */
final class Soak {
    static final int WRITERS = 4;
    static final long BUDGET_BYTES = 32 << 20;
    static final Duration WAIT_TIMEOUT = Duration.ofMillis(200);

    private static final int STATEMENT_MILLIS = 150;
    private static final Duration LOOK_EVERY = Duration.ofMillis(50);
    private static final Duration COLLECT_EVERY = Duration.ofSeconds(3);
    private static final FlushPolicy OFTEN =
            FlushPolicy.DEFAULT.withInterval(Duration.ofMillis(500), Duration.ofMillis(100));
    private static final JournalPolicy AMPLE = new JournalPolicy(16 << 20, Duration.ZERO, 0, 4L << 30);

    private final PostgresServer server;
    private final Path journal;
    private final FullPolicy whenFull;
    private final AtomicBoolean ending = new AtomicBoolean();
    private final AtomicLong longestFlushNanos = new AtomicLong();
    private long mostPendingBytes;
    private long heapBefore;
    private long mostHeap;

    Soak(PostgresServer server, Path journal, FullPolicy whenFull) {
        this.server = server;
        this.journal = journal;
        this.whenFull = whenFull;
    }

    /** Writes for {@code time}, flushes the rest, compares. */
    SoakFigures run(Duration time) {
        createTables();
        List<SoakWriter> writers = new ArrayList<>();
        Stats stats;
        try (HikariDataSource pool = Databases.pool(server.jdbcUrl());
                Forebay forebay = open(pool)) {
            Table rows = forebay.table("soak", table -> table.onMissingRow(MissingRow.INSERT));
            Table log = forebay.table("soak_log");
            for (int i = 0; i < WRITERS; i++) writers.add(new SoakWriter(i, rows, log, ending));
            heapBefore = heapAfterCollection();
            List<CompletableFuture<Void>> running = writers.stream()
                    .map(writer -> CompletableFuture.runAsync(writer::run, Soak::start))
                    .toList();
            look(forebay, time);
            ending.set(true);
            running.forEach(CompletableFuture::join);
            quickenDatabase();
            forebay.flushAndWait();
            stats = forebay.stats();
        }
        int wrong = writers.stream()
                .mapToInt(writer -> writer.wrongRows(server.dataSource()))
                .sum();
        return new SoakFigures(
                time,
                whenFull,
                writers.stream().mapToLong(SoakWriter::taken).sum(),
                writers.stream().mapToLong(SoakWriter::refused).sum(),
                stats,
                wrong,
                mostPendingBytes,
                mostHeap - heapBefore,
                Duration.ofNanos(longestFlushNanos.get()),
                writers.stream().map(SoakWriter::waits).reduce(new Waits(), Waits::with));
    }

    private static void start(Runnable writer) {
        Thread thread = new Thread(writer, "soak-writer");
        thread.setDaemon(true);
        thread.start();
    }

    private Forebay open(DataSource dataSource) {
        return Forebay.builder()
                .database(dataSource)
                .journal(journal)
                .createTables()
                .flush(OFTEN)
                .buffer(new BufferPolicy(BUDGET_BYTES, Long.MAX_VALUE, whenFull, WAIT_TIMEOUT))
                .journalPolicy(AMPLE)
                .listener(new ForebayListener() {
                    @Override
                    public void flushed(String database, Batch batch, BatchResult result, Duration took) {
                        longestFlushNanos.accumulateAndGet(took.toNanos(), Math::max);
                    }
                })
                .build();
    }

    private void createTables() {
        DataSource dataSource = server.dataSource();
        for (String statement : List.of(
                "DROP TABLE IF EXISTS soak, soak_log",
                "CREATE TABLE soak (id bigint PRIMARY KEY, hits bigint, last bigint)",
                "CREATE TABLE soak_log (writer bigint, n bigint)",
                "CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS" + " 'BEGIN PERFORM pg_sleep("
                        + STATEMENT_MILLIS / 1000.0 + "); RETURN NULL; END'",
                "CREATE TRIGGER slow AFTER INSERT OR UPDATE ON soak FOR EACH STATEMENT EXECUTE FUNCTION slow()"))
            Databases.execute(dataSource, statement);
    }

    private void quickenDatabase() {
        Databases.execute(server.dataSource(), "DROP TRIGGER slow ON soak");
    }

    /** Looks at the gauges all the time, and at the heap now and then: a collection stops the writers. */
    private void look(Forebay forebay, Duration time) {
        long start = System.nanoTime();
        long collected = start;
        for (long now = start; now - start < time.toNanos(); now = System.nanoTime()) {
            mostPendingBytes = Math.max(mostPendingBytes, forebay.stats().pendingBytes());
            if (now - collected > COLLECT_EVERY.toNanos()) {
                mostHeap = Math.max(mostHeap, heapAfterCollection());
                collected = now;
            }
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.NANOSECONDS.sleep(LOOK_EVERY.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in a soak", e);
        }
    }

    private static long heapAfterCollection() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }
}
