package io.forebay;

import org.jspecify.annotations.Nullable;

/** There is no room for the write: it was refused, and nothing of it is kept. Try again when the database has caught up. */
public final class BufferFullException extends ForebayException {
    private static final long serialVersionUID = 1L;

    public BufferFullException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
