package io.forebay.cli.invalidate;

import io.forebay.cdc.CdcListener;
import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.FileDeadLetters;
import io.forebay.cdc.Stages;
import io.forebay.cdc.engine.EngineSource;
import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.rule.Rules;
import io.forebay.cli.CommandFailure;
import io.forebay.redis.RedisSettings;
import io.forebay.redis.cache.CacheCodec;
import io.forebay.redis.cache.CacheSettings;
import io.forebay.redis.cache.ConsistentCache;
import io.forebay.redis.cache.RedisInvalidations;
import io.forebay.testservers.PostgresServer;
import io.forebay.testservers.RedisServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real PostgreSQL, a real Redis and Debezium's engine: rows are changed by plain SQL, and each entry of the cache is watched until it
 * is gone. One thread.
 */
final class InvalidateDemo {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String CUSTOMERS = "public.customers";

    private final PrintWriter out;
    private final List<Long> micros = new ArrayList<>();
    private volatile @Nullable Stages last; // of the last change that was handled

    InvalidateDemo(PrintWriter out) {
        this.out = out;
    }

    /** One change, and the entry that has to go. */
    private record Step(String sql, String key) {}

    private static final List<Step> STEPS = List.of(
            new Step("UPDATE customers SET name = 'Ada' WHERE id = 1", "customer:1"),
            new Step("UPDATE customers SET email = 'new@example.org' WHERE id = 2", "customer:email:c2@example.org"),
            new Step("DELETE FROM customers WHERE id = 3", "customer:3"),
            new Step("INSERT INTO customers VALUES (99, 'Grace', 'grace@example.org')", "customer:99"),
            new Step("UPDATE customers SET id = 100 WHERE id = 4", "customer:4"),
            new Step("UPDATE customers SET name = upper(name) WHERE id BETWEEN 5 AND 9", "customer:7"),
            new Step("TRUNCATE customers", "customer:10"));

    /** Returns whether every entry went, and none that is left is wrong. */
    boolean run() throws SQLException {
        out.println("Starting a PostgreSQL, a Redis and Debezium's engine …");
        Path directory = temporary();
        try (PostgresServer database = PostgresServer.create();
                RedisServer redis = RedisServer.create();
                Connection connection = database.dataSource().getConnection()) {
            execute(connection, "CREATE TABLE customers (id bigint PRIMARY KEY, name text, email text)");
            execute(connection, "ALTER TABLE customers REPLICA IDENTITY FULL");
            execute(
                    connection,
                    "INSERT INTO customers SELECT id, 'Customer ' || id, 'c' || id || '@example.org' FROM generate_series(1, 20) id");
            CacheSettings settings = CacheSettings.of(RedisSettings.of(redis.uri()), "demo");
            try (ConsistentCache<String> cache = ConsistentCache.builder(settings, CacheCodec.json(String.class))
                            .open();
                    RedisInvalidations target = RedisInvalidations.open(settings);
                    CdcPipeline pipeline = pipeline(database, directory, target)) {
                await(
                        "the engine to read changes",
                        () -> pipeline.status().sourceHealthy()
                                && pipeline.status().gaps() > 0
                                && pipeline.status().underWay() == 0
                                && cache.isNear());
                warmUp(connection);
                return show(connection, cache);
            }
        } finally {
            delete(directory);
        }
    }

    private CdcPipeline pipeline(PostgresServer database, Path directory, RedisInvalidations target) {
        return CdcPipeline.builder()
                .source(EngineSource.builder(directory.resolve("position"))
                        .postgres(database.host(), database.port(), "postgres", "postgres", "unused")
                        .property("table.include.list", CUSTOMERS)
                        .build())
                .rules(Rules.builder()
                        .on(
                                CUSTOMERS,
                                rule -> rule.key("customer:{id}")
                                        .key("customer:email:{email}")
                                        .key("customer:email:{before.email}")
                                        .completeBefore())
                        .build())
                .cache(target)
                .deadLetters(FileDeadLetters.at(directory.resolve("dead-letters.jsonl")))
                .listener(new CdcListener() {
                    @Override
                    public void handled(ChangeEvent event, Stages passed) {
                        last = passed;
                    }
                })
                .start();
    }

    /** The engine says that it reads before it has everything in place; the first change waits for it. */
    private void warmUp(Connection connection) throws SQLException {
        execute(connection, "UPDATE customers SET name = name WHERE id = 20");
        await("the first change to arrive", () -> last != null);
    }

    private boolean show(Connection connection, ConsistentCache<String> cache) throws SQLException {
        out.printf("%nRows are changed by plain SQL; nothing tells the cache but the database's log.%n%n");
        boolean allGone = true;
        for (Step step : STEPS) allGone &= show(connection, cache, step);
        boolean right = compare(connection, cache);
        micros.sort(Comparator.naturalOrder());
        if (!micros.isEmpty())
            out.printf(
                    "%nFrom the commit until the entry was gone, in this process too: %s in the middle, %s at most.%n",
                    millis(micros.get(micros.size() / 2)), millis(micros.get(micros.size() - 1)));
        return allGone && right;
    }

    private boolean show(Connection connection, ConsistentCache<String> cache, Step step) throws SQLException {
        await(step.key() + " to be cached", () -> fill(connection, cache, step.key()));
        last = null;
        execute(connection, step.sql());
        long committed = System.nanoTime();
        boolean gone = waits(() -> !isCached(cache, step.key()));
        long took = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - committed);
        out.printf("  %s%n", step.sql());
        if (gone) {
            micros.add(took);
            waits(() -> last != null);
            out.printf("      %-30s gone after %s%s%n", step.key(), millis(took), parts(last));
        } else {
            out.printf("      %-30s STILL THERE after %d s%n", step.key(), PATIENCE.toSeconds());
        }
        out.flush();
        return gone;
    }

    private static String parts(@Nullable Stages passed) {
        if (passed == null || passed.committed() == null || passed.captured() == null) return "";
        return " (the engine had it after %s, Redis %s later)"
                .formatted(
                        millis(between(passed.committed(), passed.captured())),
                        millis(between(passed.captured(), passed.acknowledged())));
    }

    private static long between(Instant from, Instant to) {
        return Math.max(0, Duration.between(from, to).toNanos() / 1_000);
    }

    /** Reads through the cache, so that it is near; what is not in the table is cached as nothing. */
    private boolean fill(Connection connection, ConsistentCache<String> cache, String key) {
        cache.get(key, missing -> load(connection, missing));
        return isCached(cache, key);
    }

    /** Whether a read is answered without a loader: also by knowing that there is nothing. */
    private static boolean isCached(ConsistentCache<String> cache, String key) {
        try {
            cache.get(key, missing -> {
                throw new NotCached();
            });
            return true;
        } catch (NotCached e) {
            return false;
        }
    }

    private static final class NotCached extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private static @Nullable String load(Connection connection, String key) {
        boolean byEmail = key.startsWith("customer:email:");
        String sql = "SELECT id || ' ' || name || ' ' || email FROM customers WHERE "
                + (byEmail ? "email = ?" : "id = ?::bigint");
        try (PreparedStatement select = connection.prepareStatement(sql)) {
            select.setString(1, key.substring(key.lastIndexOf(':') + 1));
            try (ResultSet row = select.executeQuery()) {
                return row.next() ? row.getString(1) : null;
            }
        } catch (SQLException e) {
            throw new CommandFailure("a customer could not be read", e);
        }
    }

    /** Every entry that was cached, beside the table as it is now. */
    private boolean compare(Connection connection, ConsistentCache<String> cache) {
        int wrong = 0;
        for (Step step : STEPS) {
            String now = load(connection, step.key());
            String cached =
                    cache.get(step.key(), missing -> load(connection, missing)).orElse(null);
            if (now == null ? cached != null : !now.equals(cached)) wrong++;
        }
        out.printf("%n%d of %d entries differ from the table.%n", wrong, STEPS.size());
        return wrong == 0;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static void await(String what, BooleanSupplier condition) {
        if (!waits(condition)) throw new CommandFailure("waited %s for %s".formatted(PATIENCE, what));
    }

    private static boolean waits(BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > PATIENCE.toNanos()) return false;
            try {
                TimeUnit.MICROSECONDS.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, "%.1f ms", micros / 1e3);
    }

    private static Path temporary() {
        try {
            return Files.createTempDirectory("forebay-invalidate");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException("could not delete " + directory, e);
        }
    }
}
