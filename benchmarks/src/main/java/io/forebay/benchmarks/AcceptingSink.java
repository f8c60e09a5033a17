package io.forebay.benchmarks;

import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.Refused;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.TableInfo;
import io.forebay.spi.Watermark;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/** A database that takes every batch at once and keeps nothing, so that what stands before it is measured alone. */
final class AcceptingSink implements Sink {
    private static final UUID ID = new UUID(0, 1);

    private volatile AtomicLongArray reached = new AtomicLongArray(0);

    @Override
    public String description() {
        return "nowhere";
    }

    @Override
    public UUID attach(UUID journal, int partitions, @Nullable UUID expected) {
        if (reached.length() == 0) reached = new AtomicLongArray(partitions);
        return ID;
    }

    @Override
    public TableInfo describe(String table) {
        ColumnType whole = new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);
        Map<String, Column> columns = Map.of(
                "id", new Column("id", whole, false, Column.Absent.NULL),
                "value", new Column("value", whole, true, Column.Absent.NULL));
        return new TableInfo(table, List.of("id"), columns, List.of());
    }

    @Override
    public Watermark own(UUID journal, int partition) {
        return new Watermark(1, reached.get(partition), null);
    }

    @Override
    public BatchResult apply(Batch batch) {
        reached.set(batch.partition(), batch.to());
        return new BatchResult(false, List.of(), 0, 1);
    }

    @Override
    public BaseRow read(UUID journal, int partition, TableInfo table, RowKey key) {
        return new BaseRow(Long.MAX_VALUE, Optional.empty());
    }

    @Override
    public void abort(UUID journal, int partition) {
        // a call never hangs here
    }

    @Override
    public List<Watermark> watermarks(UUID journal) {
        List<Watermark> watermarks = new ArrayList<>();
        for (int i = 0; i < reached.length(); i++) watermarks.add(new Watermark(1, reached.get(i), null));
        return watermarks;
    }

    @Override
    public List<Refused> refused(UUID journal, int partition, long above) {
        return List.of();
    }

    @Override
    public void close() {
        // holds nothing
    }
}
