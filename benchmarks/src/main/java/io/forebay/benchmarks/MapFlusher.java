package io.forebay.benchmarks;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** What one writes by hand: a map of sums, drained in the order of the keys, a transaction per batch. */
final class MapFlusher implements Flusher {
    private final BenchmarkDatabase database;
    private final int batchRows;
    private final Update update;
    private final Map<Long, Long> pending = new HashMap<>();

    /** Adds deltas to rows; returns how many it changed. */
    @FunctionalInterface
    interface Update {
        int apply(Connection connection, long[] ids, long[] deltas) throws SQLException;
    }

    MapFlusher(BenchmarkDatabase database, int batchRows, Update update) {
        this.database = database;
        this.batchRows = batchRows;
        this.update = update;
    }

    @Override
    public void fill(int rows) {
        for (long id = 0; id < rows; id++) pending.merge(id, 1L, Long::sum);
    }

    @Override
    public void flush() {
        long[] ids =
                pending.keySet().stream().mapToLong(Long::longValue).sorted().toArray();
        for (int from = 0; from < ids.length; from += batchRows)
            send(ids, from, Math.min(ids.length, from + batchRows));
        pending.clear();
    }

    private void send(long[] all, int from, int to) {
        long[] ids = Arrays.copyOfRange(all, from, to);
        long[] deltas = new long[ids.length];
        for (int i = 0; i < ids.length; i++) deltas[i] = pending.getOrDefault(ids[i], 0L);
        int changed = database.transact(connection -> update.apply(connection, ids, deltas));
        if (changed != ids.length) throw new IllegalStateException(changed + " of " + ids.length + " rows changed");
    }

    @Override
    public double rowsPerBatch() {
        return batchRows;
    }

    @Override
    public void close() {
        // the database is the caller's
    }
}
