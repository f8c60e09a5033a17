package io.forebay;

import org.jspecify.annotations.Nullable;

/**
 * The journal's directory cannot be used now: another process holds it, or reading it failed. Nothing in it was found
 * damaged.
 */
public final class JournalAccessException extends JournalException {
    private static final long serialVersionUID = 1L;

    public JournalAccessException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
