package io.forebay;

import org.jspecify.annotations.Nullable;

/** The database refused the row for what it is; it is kept in the dead letters, with the reason. */
public final class DeadLetteredException extends ForebayException {
    private static final long serialVersionUID = 1L;

    public DeadLetteredException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
