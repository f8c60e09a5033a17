package io.forebay.batch;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells a listener of inserts and flushes, and keeps what it throws away from those who add and flush. */
final class Notices {
    private static final Logger LOG = LoggerFactory.getLogger(Notices.class);

    private final String buffer;
    private final BatchListener listener;

    Notices(String buffer, BatchListener listener) {
        this.buffer = buffer;
        this.listener = listener;
    }

    void insertStarted(int events) {
        call(() -> listener.insertStarted(buffer, events));
    }

    void insertStopped(int events, Duration took, @Nullable Throwable failure) {
        call(() -> listener.insertStopped(buffer, events, took, failure));
    }

    void flushStarted(EventBatch<?> batch) {
        call(() -> listener.flushStarted(buffer, batch));
    }

    void flushStopped(EventBatch<?> batch, Duration took, @Nullable Throwable failure) {
        call(() -> listener.flushStopped(buffer, batch, took, failure));
    }

    private void call(Runnable event) {
        try {
            event.run();
        } catch (RuntimeException e) {
            LOG.warn("{}: a listener failed", buffer, e);
        }
    }
}
