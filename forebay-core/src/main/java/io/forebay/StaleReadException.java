package io.forebay;

import org.jspecify.annotations.Nullable;

/** The database showed a state older than what was already flushed to it: a lagging replica, or a snapshot that was left open. */
public final class StaleReadException extends ForebayException {
    private static final long serialVersionUID = 1L;

    public StaleReadException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
