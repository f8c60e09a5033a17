package io.forebay;

import org.jspecify.annotations.Nullable;

/** The row is pending as an insert already, so it cannot be inserted again. */
public final class DuplicateRowException extends ForebayException {
    private static final long serialVersionUID = 1L;

    public DuplicateRowException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
