package io.forebay.internal.flush;

import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Refused;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.TableInfo;
import io.forebay.spi.Watermark;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.UUID;

/** A sink that answers as it was told, and remembers what it was asked. */
final class ScriptedSink implements Sink {
    final List<Batch> applied = new ArrayList<>();
    final Deque<Object> answers = new ArrayDeque<>();
    Watermark watermark = new Watermark(1, 0, null);
    int owned;

    /** The next batches meet these: results, or exceptions. */
    void answer(Object... next) {
        answers.addAll(List.of(next));
    }

    @Override
    public BatchResult apply(Batch batch) {
        applied.add(batch);
        Object answer = answers.isEmpty() ? new BatchResult(false, List.of(), 0, 1) : answers.remove();
        if (answer instanceof RuntimeException failure) throw failure;
        return (BatchResult) answer;
    }

    @Override
    public Watermark own(UUID journal, int partition) {
        owned++;
        return watermark;
    }

    @Override
    public String description() {
        return "script";
    }

    @Override
    public UUID attach(UUID journal, int partitions, UUID expected) {
        return journal;
    }

    @Override
    public TableInfo describe(String table) {
        throw new UnsupportedOperationException();
    }

    @Override
    public BaseRow read(UUID journal, int partition, TableInfo table, RowKey key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Watermark> watermarks(UUID journal) {
        return List.of(watermark);
    }

    @Override
    public List<Refused> refused(UUID journal, int partition, long above) {
        return List.of();
    }

    @Override
    public void abort(UUID journal, int partition) {}

    @Override
    public void close() {}
}
