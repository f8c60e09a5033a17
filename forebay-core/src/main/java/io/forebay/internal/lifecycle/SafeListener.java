package io.forebay.internal.lifecycle;

import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.DeadLetter;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps what an application's listener throws away from the threads that call it. */
final class SafeListener implements ForebayListener {
    private static final Logger LOG = LoggerFactory.getLogger(SafeListener.class);

    private final ForebayListener listener;

    SafeListener(ForebayListener listener) {
        this.listener = listener;
    }

    private static void call(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            LOG.warn("a listener failed", e);
        }
    }

    @Override
    public void appended(String database, int windows, int bytes) {
        call(() -> listener.appended(database, windows, bytes));
    }

    @Override
    public void forced(String database, int windows, Duration took) {
        call(() -> listener.forced(database, windows, took));
    }

    @Override
    public void refused(String database, int windows, ForebayException reason) {
        call(() -> listener.refused(database, windows, reason));
    }

    @Override
    public void sealed(String database, Batch batch) {
        call(() -> listener.sealed(database, batch));
    }

    @Override
    public void flushed(String database, Batch batch, BatchResult result, Duration took) {
        call(() -> listener.flushed(database, batch, result, took));
    }

    @Override
    public void deadLettered(String database, Batch batch, DeadLetter letter) {
        call(() -> listener.deadLettered(database, batch, letter));
    }

    @Override
    public void retrying(String database, int partition, ForebayException reason, Duration wait) {
        call(() -> listener.retrying(database, partition, reason, wait));
    }

    @Override
    public void halted(String database, int partition, ForebayException reason) {
        call(() -> listener.halted(database, partition, reason));
    }

    @Override
    public void owned(String database, int partition, long epoch) {
        call(() -> listener.owned(database, partition, epoch));
    }

    @Override
    public void rewound(String database, int partition, long watermark) {
        call(() -> listener.rewound(database, partition, watermark));
    }

    @Override
    public void blocked(String database, Duration took, boolean refused) {
        call(() -> listener.blocked(database, took, refused));
    }

    @Override
    public void revived(String database, String what) {
        call(() -> listener.revived(database, what));
    }
}
