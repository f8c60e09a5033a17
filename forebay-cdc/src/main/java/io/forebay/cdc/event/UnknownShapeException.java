package io.forebay.cdc.event;

import io.forebay.ForebayException;
import org.jspecify.annotations.Nullable;

/** A record is nothing that Debezium writes as JSON. The message says what was found, and what was expected. */
public final class UnknownShapeException extends ForebayException {
    private static final long serialVersionUID = 1L;

    UnknownShapeException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
