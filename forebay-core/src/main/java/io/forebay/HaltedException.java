package io.forebay;

import org.jspecify.annotations.Nullable;

/** A partition has stopped until a person has looked: the message says why. What was acknowledged stays in the journal. */
public final class HaltedException extends ForebayException {
    private static final long serialVersionUID = 1L;

    public HaltedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
