package io.forebay.benchmarks;

import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.ForwardingSink;
import io.forebay.spi.Sink;
import io.forebay.spi.TransientSinkException;
import java.util.UUID;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps batches waiting before another sink until it is told to let them pass, so that a buffer can be filled first and its
 * flush be measured alone. Thread-safe.
 */
final class HoldingSink extends ForwardingSink {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private boolean holding = true; // guarded by lock
    private boolean aborted; // guarded by lock

    HoldingSink(Sink sink) {
        super(sink);
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
        return super.apply(batch);
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
        super.abort(journal, partition);
    }

    @Override
    public void close() {
        set(true, true);
        super.close();
    }
}
