package io.forebay;

import org.jspecify.annotations.Nullable;

/**
 * Unknown: the write was handed to the operating system, which then failed to make it durable. This process forgets it, and
 * so does every later start once the journal has gone on in a new segment; a start before that may find and apply it. To
 * send the write again may therefore count it twice.
 */
public final class JournalForceException extends JournalException {
    private static final long serialVersionUID = 1L;

    public JournalForceException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
