package io.forebay.kafka.cache;

import org.jspecify.annotations.Nullable;

/** The cache did not reach a position in time; the message says how far it is and what holds it up. */
public final class PositionTimeoutException extends LogCacheException {
    private static final long serialVersionUID = 1L;

    PositionTimeoutException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
