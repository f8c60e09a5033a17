package io.forebay.testkit;

import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.ForwardingSink;
import io.forebay.spi.Sink;
import io.forebay.spi.TransientSinkException;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;

/** Hangs in the first batch, before anything is sent; ends at a cancellation, or only when it is let go. */
final class HangingSink extends ForwardingSink {
    private final boolean obedient;
    private final AtomicBoolean first = new AtomicBoolean(true);
    private final CountDownLatch ended = new CountDownLatch(1);

    HangingSink(Sink target, boolean obedient) {
        super(target);
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
        return super.apply(batch);
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
}
