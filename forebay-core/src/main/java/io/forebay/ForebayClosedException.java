package io.forebay;

import org.jspecify.annotations.Nullable;

/** This Forebay is closed. */
public final class ForebayClosedException extends ForebayException {
    private static final long serialVersionUID = 1L;

    public ForebayClosedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
