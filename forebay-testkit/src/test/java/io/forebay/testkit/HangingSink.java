package io.forebay.testkit;

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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** Hangs in the first batch, before anything is sent; ends at a cancellation, or only when it is let go. */
final class HangingSink implements Sink {
    private final Sink target;
    private final boolean obedient;
    private final AtomicBoolean first = new AtomicBoolean(true);
    private final CountDownLatch ended = new CountDownLatch(1);

    HangingSink(Sink target, boolean obedient) {
        this.target = target;
        this.obedient = obedient;
    }

    void letGo() {
        ended.countDown();
    }

    @Override
    public BatchResult apply(Batch batch) {
        if (first.getAndSet(false)) {
            hang();
            if (obedient) throw new TransientSinkException("cancelled", null);
        }
        return target.apply(batch);
    }

    private void hang() {
        while (ended.getCount() > 0) {
            try {
                ended.await();
            } catch (InterruptedException e) {
                if (obedient) return;
            }
        }
    }

    @Override
    public void abort(UUID journal, int partition) {
        if (obedient) ended.countDown();
    }

    @Override
    public String description() {
        return target.description();
    }

    @Override
    public UUID attach(UUID journal, int partitions, UUID expected) {
        return target.attach(journal, partitions, expected);
    }

    @Override
    public TableInfo describe(String table) {
        return target.describe(table);
    }

    @Override
    public Watermark own(UUID journal, int partition) {
        return target.own(journal, partition);
    }

    @Override
    public BaseRow read(UUID journal, int partition, TableInfo table, RowKey key) {
        return target.read(journal, partition, table, key);
    }

    @Override
    public List<Watermark> watermarks(UUID journal) {
        return target.watermarks(journal);
    }

    @Override
    public List<Refused> refused(UUID journal, int partition, long above) {
        return target.refused(journal, partition, above);
    }

    @Override
    public void close() {
        target.close();
    }
}
