package io.forebay.spi;

import io.forebay.ForebayException;
import org.jspecify.annotations.Nullable;

/** What a sink throws. */
public abstract sealed class SinkException extends ForebayException
        permits TransientSinkException, FencedException, SchemaFaultException, MismatchException {
    private static final long serialVersionUID = 1L;

    SinkException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
