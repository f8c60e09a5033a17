package io.forebay.spi;

import org.jspecify.annotations.Nullable;

/** The database is not the one this journal belongs to, or one of the two went back in time. */
public final class MismatchException extends SinkException {
    private static final long serialVersionUID = 1L;

    public MismatchException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
