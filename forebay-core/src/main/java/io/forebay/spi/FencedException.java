package io.forebay.spi;

import org.jspecify.annotations.Nullable;

/** A newer owner has taken the partition: this one must stop writing to it. */
public final class FencedException extends SinkException {
    private static final long serialVersionUID = 1L;

    public FencedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
