package io.forebay.benchmarks;

import io.forebay.benchmarks.HandWritten.AuditRow;
import java.util.ArrayList;
import java.util.List;

/** What one writes by hand for an append-only table: a list, and a COPY per batch. */
final class CopyFlusher implements Flusher {
    private final BenchmarkDatabase database;
    private final int batchRows;
    private final List<AuditRow> pending = new ArrayList<>();

    CopyFlusher(BenchmarkDatabase database, int batchRows) {
        this.database = database;
        this.batchRows = batchRows;
    }

    @Override
    public void fill(int rows) {
        for (int id = 0; id < rows; id++)
            pending.add(new AuditRow(id, "user-" + id % 1_000, "looked at page " + id % 50_000));
    }

    @Override
    public void flush() {
        for (int from = 0; from < pending.size(); from += batchRows) {
            List<AuditRow> batch = pending.subList(from, Math.min(pending.size(), from + batchRows));
            database.transact(connection -> HandWritten.copy(connection, batch));
        }
        pending.clear();
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
