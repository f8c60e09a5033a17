package io.forebay.cdc;

import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.event.ChangeRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Passes everything on, and keeps what the other throws. Thread-safe if the other is. */
final class SafeListener implements CdcListener {
    private static final Logger LOG = LoggerFactory.getLogger(SafeListener.class);

    private final CdcListener listener;

    SafeListener(CdcListener listener) {
        this.listener = listener;
    }

    @Override
    public void handled(ChangeEvent event, Stages stages) {
        safely(() -> listener.handled(event, stages));
    }

    @Override
    public void ignored(ChangeRecord record, String reason) {
        safely(() -> listener.ignored(record, reason));
    }

    @Override
    public void retried(int entries, Throwable error) {
        safely(() -> listener.retried(entries, error));
    }

    @Override
    public void deadLettered(DeadLetter letter) {
        safely(() -> listener.deadLettered(letter));
    }

    @Override
    public void gap(String reason) {
        safely(() -> listener.gap(reason));
    }

    @Override
    public void flushed(String reason) {
        safely(() -> listener.flushed(reason));
    }

    @Override
    public void sourceFailed(Throwable error) {
        safely(() -> listener.sourceFailed(error));
    }

    private static void safely(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.warn("a listener of changes threw", e);
        }
    }
}
