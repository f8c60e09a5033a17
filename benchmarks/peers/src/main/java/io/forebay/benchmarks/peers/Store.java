package io.forebay.benchmarks.peers;

import io.forebay.benchmarks.BenchmarkDatabase;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;

/**
 * The SQL with which every product writes: one statement with arrays per transaction, keys in ascending order, at most
 * {@value #MAX_ROWS} rows. Thread-safe.
 */
final class Store {
    static final int MAX_ROWS = 1_000;
    static final String COUNTERS = "counters";
    static final String STAMPS = "stamps";
    static final String AUDIT = "audit";

    private static final Map<String, String> SET = Map.of(
            COUNTERS,
            "UPDATE counters SET value = x.value FROM unnest(?, ?) AS x (id, value) WHERE counters.id = x.id",
            STAMPS,
            "UPDATE stamps SET seen = x.value FROM unnest(?, ?) AS x (id, value) WHERE stamps.id = x.id");
    private static final String ADD =
            "UPDATE counters SET value = counters.value + x.value FROM unnest(?, ?) AS x (id, value) WHERE counters.id = x.id";
    private static final String INSERT =
            "INSERT INTO audit (id, who, what) SELECT id, split_part(value, '|', 1), split_part(value, '|', 2)"
                    + " FROM unnest(?, ?) AS x (id, value)";

    private static volatile @Nullable Store current;

    private final BenchmarkDatabase database;
    private final AtomicLong statements = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();

    Store(BenchmarkDatabase database) {
        this.database = database;
        current = this;
    }

    /** The store of this JVM, for products that make their writers themselves. */
    static Store current() {
        Store store = current;
        if (store == null) throw new IllegalStateException("no store yet");
        return store;
    }

    /** What one audit row says. */
    static String auditText(long id) {
        return "user-" + id % 1_000 + "|looked at page " + id % 50_000;
    }

    /** Writes what a cache holds: totals, last values, or new rows of the audit table. */
    void write(String table, Map<Long, ?> entries) {
        String sql = SET.getOrDefault(table, INSERT);
        send(sql, entries);
    }

    /** Adds deltas to counters. */
    void add(Map<Long, Long> deltas) {
        send(ADD, deltas);
    }

    private void send(String sql, Map<Long, ?> entries) {
        List<Map.Entry<Long, ?>> sorted = new ArrayList<>(new TreeMap<Long, Object>(entries).entrySet());
        for (int from = 0; from < sorted.size(); from += MAX_ROWS)
            sendBatch(sql, sorted.subList(from, Math.min(sorted.size(), from + MAX_ROWS)));
    }

    private void sendBatch(String sql, List<Map.Entry<Long, ?>> batch) {
        int changed = database.run(connection -> update(connection, sql, batch));
        if (changed != batch.size()) throw new IllegalStateException(changed + " of " + batch.size() + " rows changed");
        statements.incrementAndGet();
        rows.addAndGet(batch.size());
    }

    private static int update(Connection connection, String sql, List<Map.Entry<Long, ?>> batch) throws SQLException {
        PGConnection postgres = connection.unwrap(PGConnection.class);
        Array ids = postgres.createArrayOf(
                "int8", batch.stream().mapToLong(Map.Entry::getKey).toArray());
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setArray(1, ids);
            statement.setArray(2, values(postgres, batch));
            return statement.executeUpdate();
        }
    }

    private static Array values(PGConnection postgres, List<Map.Entry<Long, ?>> batch) throws SQLException {
        if (batch.get(0).getValue() instanceof Long)
            return postgres.createArrayOf(
                    "int8",
                    batch.stream().mapToLong(entry -> (Long) entry.getValue()).toArray());
        return postgres.createArrayOf(
                "text", batch.stream().map(entry -> entry.getValue().toString()).toArray(String[]::new));
    }

    Peer.Sent sent() {
        return new Peer.Sent(statements.get(), rows.get());
    }
}
