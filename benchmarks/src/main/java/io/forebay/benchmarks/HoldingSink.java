package io.forebay.benchmarks;

import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Refused;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Keeps batches waiting before another sink until it is told to let them pass, so that a buffer can be filled first and its
 * flush be measured alone. Thread-safe.
 */
final class HoldingSink implements Sink {
    private final Sink sink;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean holding = true; // guarded by lock
    private boolean aborted; // guarded by lock

    HoldingSink(Sink sink) {
        this.sink = sink;
    }

    void hold() {
        set(true, false);
    }

    void pass() {
        set(false, false);
    }

    private void set(boolean hold, boolean abort) {
        lock.lock();
        try {
            holding = hold;
            aborted = abort;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public BatchResult apply(Batch batch) {
        awaitPass();
        return sink.apply(batch);
    }

    private void awaitPass() {
        lock.lock();
        try {
            while (holding && !aborted) changed.awaitUninterruptibly();
            if (aborted) throw new TransientSinkException("what was held is given up", null);
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void abort(UUID journal, int partition) {
        set(true, true);
        sink.abort(journal, partition);
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
    public BaseRow read(UUID journal, int partition, TableInfo table, RowKey key) {
        return sink.read(journal, partition, table, key);
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
    public void close() {
        set(true, true);
        sink.close();
    }
}
