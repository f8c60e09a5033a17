package io.forebay.kafka.cache;

import org.jspecify.annotations.Nullable;

/** A write was refused before it was sent: a validator did not accept it, or it could not be serialized. */
public final class InvalidWriteException extends LogCacheException {
    private static final long serialVersionUID = 1L;

    InvalidWriteException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
