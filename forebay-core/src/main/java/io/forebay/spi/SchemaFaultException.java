package io.forebay.spi;

import org.jspecify.annotations.Nullable;

/** The database's tables do not fit what is written to them; the partition stops until a person has looked. */
public final class SchemaFaultException extends SinkException {
    private static final long serialVersionUID = 1L;

    public SchemaFaultException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
