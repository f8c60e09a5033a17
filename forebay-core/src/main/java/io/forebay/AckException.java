package io.forebay;

import org.jspecify.annotations.Nullable;

/** Waiting for a write ended before the write was as durable as asked; the write itself goes on. */
public final class AckException extends ForebayException {
    private static final long serialVersionUID = 1L;

    public AckException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
