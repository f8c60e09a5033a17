package io.forebay.spi;

import org.jspecify.annotations.Nullable;

/** The database cannot do it now: connection, lock, deadlock, disk full, shutdown. The same call may succeed later. */
public final class TransientSinkException extends SinkException {
    private static final long serialVersionUID = 1L;

    public TransientSinkException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
