package io.forebay.benchmarks;

import io.forebay.Ack;
import io.forebay.Forebay;
import io.forebay.Table;
import io.forebay.testservers.KafkaServer;
import io.forebay.testservers.PostgresServer;
import io.forebay.testservers.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * How fast one, two and four processes flush what waits in a shared buffer into PostgreSQL. The buffer is filled first, with
 * counters that are each written once; the clock runs from the first rows in the database to the last.
 */
final class Scaling {
    /** What flushers wait for in PostgreSQL before they begin, an advisory lock. */
    static final long START = 1;

    private static final List<Integer> FLUSHERS = List.of(1, 2, 4);
    private static final int MAX_OUTSTANDING = 10_000;
    private static final Duration LOOK = Duration.ofMillis(100);

    private final int rows;
    private final int iterations;
    private final Results results;

    Scaling(boolean quick, Results results) {
        this.rows = quick ? 200_000 : 500_000;
        this.iterations = quick ? 1 : 3;
        this.results = results;
    }

    /** How much was flushed by when, and how many cores of the machine were busy meanwhile. */
    private record Flushed(double rowsPerSecond, double busyCores) {}

    String table() {
        MarkdownTable table = new MarkdownTable("driver", "flushers", "rows/s", "ratio", "spread", "cores busy");
        try (PostgresServer postgres = Servers.postgres();
                BenchmarkDatabase database = new BenchmarkDatabase(postgres.jdbcUrl())) {
            database.reset(rows);
            try (RedisServer redis = RedisServer.create("appendonly=yes", "appendfsync=everysec")) {
                measure(table, database, postgres.jdbcUrl(), SharedServer.REDIS, redis.uri());
            }
            try (KafkaServer kafka = KafkaServer.create()) {
                measure(table, database, postgres.jdbcUrl(), SharedServer.KAFKA, kafka.bootstrapServers());
            }
        }
        return "### Flush of %s waiting rows by several processes%n%n%s".formatted(MarkdownTable.exact(rows), table);
    }

    private void measure(
            MarkdownTable table, BenchmarkDatabase database, String jdbcUrl, SharedServer server, String address) {
        double one = 0;
        for (int flushers : FLUSHERS) {
            List<Double> speeds = new ArrayList<>();
            List<Double> busy = new ArrayList<>();
            for (int i = 0; i < iterations; i++) {
                Flushed flushed = measure(database, jdbcUrl, server, address, flushers, i);
                speeds.add(flushed.rowsPerSecond());
                busy.add(flushed.busyCores());
            }
            Figures speed = new Figures(speeds);
            if (flushers == 1) one = speed.median();
            results.add("Forebay, " + server.title(), "rows flushed per second, flushers: " + flushers, speed);
            table.row(
                    server.title(),
                    Integer.toString(flushers),
                    MarkdownTable.count(speed.median()),
                    MarkdownTable.ratio(speed.median() / one),
                    speed.spread(),
                    MarkdownTable.ratio(new Figures(busy).median()));
        }
    }

    private Flushed measure(
            BenchmarkDatabase database, String jdbcUrl, SharedServer server, String address, int flushers, int run) {
        database.refill(rows);
        String name = "scaling-%d-%d".formatted(flushers, run);
        fill(database, server, address, name);
        List<Fork> forks = new ArrayList<>();
        try {
            database.run(connection -> {
                lock(connection, "pg_advisory_lock");
                for (int i = 0; i < flushers; i++)
                    forks.add(Fork.start(
                            ScalingChild.class,
                            List.of("-Xms1g", "-Xmx1g"),
                            List.of(server.name(), address, name, jdbcUrl)));
                forks.forEach(Fork::next); // it has warmed up
                lock(connection, "pg_advisory_unlock");
                return flushers;
            });
            return watch(database);
        } finally {
            forks.forEach(Fork::close);
        }
    }

    private static void lock(Connection connection, String function) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("SELECT %s(%d)".formatted(function, START));
        }
    }

    private void fill(BenchmarkDatabase database, SharedServer server, String address, String name) {
        Forebay writer = Forebay.builder()
                .database(name, database.dataSource())
                .driver(server.driver(address))
                .flushes(false)
                .createTables()
                .build();
        Table counters = writer.table("counters");
        Deque<Ack> outstanding = new ArrayDeque<>(MAX_OUTSTANDING);
        for (long id = 0; id < rows; id++) {
            if (outstanding.size() == MAX_OUTSTANDING) outstanding.remove().await();
            outstanding.add(counters.row(id).increment("value"));
        }
        outstanding.forEach(Ack::await);
        writer.close(Duration.ofMillis(1));
    }

    private Flushed watch(BenchmarkDatabase database) {
        long first = await(database, 1);
        long start = System.nanoTime();
        double busyBefore = busySeconds();
        await(database, rows);
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Flushed((rows - first) / seconds, (busySeconds() - busyBefore) / seconds);
    }

    private static long await(BenchmarkDatabase database, long enough) {
        while (true) {
            long arrived = database.number("SELECT coalesce(sum(value), 0) FROM counters");
            if (arrived >= enough) return arrived;
            try {
                Thread.sleep(LOOK.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted in a benchmark", e);
            }
        }
    }

    /** What all cores of the machine have worked, in seconds: the first line of {@code /proc/stat}, without idle and waiting. */
    private static double busySeconds() {
        try (var lines = Files.lines(Path.of("/proc/stat"))) {
            long[] ticks = Arrays.stream(lines.findFirst().orElseThrow().trim().split("\\s+"))
                    .skip(1)
                    .mapToLong(Long::parseLong)
                    .toArray();
            return (Arrays.stream(ticks).limit(8).sum() - ticks[3] - ticks[4]) / 100.0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
