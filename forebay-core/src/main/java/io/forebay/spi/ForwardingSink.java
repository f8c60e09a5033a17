package io.forebay.spi;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A sink that passes every call on to another one, to be extended by sinks that do something more with some of them. As thread-safe
 * as the other.
 */
public abstract class ForwardingSink implements Sink {
    private final Sink sink;

    /** In front of {@code sink}, which is closed with it. */
    protected ForwardingSink(Sink sink) {
        this.sink = sink;
    }

    @Override
    public String description() {
        return sink.description();
    }

    @Override
    public UUID attach(UUID journal, int partitions, @Nullable UUID expected) {
        return sink.attach(journal, partitions, expected);
    }

    @Override
    public TableInfo describe(String table) {
        return sink.describe(table);
    }

    @Override
    public Watermark own(UUID journal, int partition) {
        return sink.own(journal, partition);
    }

    @Override
    public BatchResult apply(Batch batch) {
        return sink.apply(batch);
    }

    @Override
    public BaseRow read(UUID journal, int partition, TableInfo table, RowKey key) {
        return sink.read(journal, partition, table, key);
    }

    @Override
    public BaseRow recall(UUID journal, int partition, TableInfo table, RowKey key) {
        return sink.recall(journal, partition, table, key);
    }

    @Override
    public List<Watermark> watermarks(UUID journal) {
        return sink.watermarks(journal);
    }

    @Override
    public List<Refused> refused(UUID journal, int partition, long above) {
        return sink.refused(journal, partition, above);
    }

    @Override
    public void abort(UUID journal, int partition) {
        sink.abort(journal, partition);
    }

    @Override
    public void close() {
        sink.close();
    }
}
