package io.forebay;

import org.jspecify.annotations.Nullable;

/** The root of everything Forebay throws, but for arguments that are wrong in themselves. */
public abstract class ForebayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    protected ForebayException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Whether the same call may succeed later without anything being changed by a person. */
    public abstract boolean retryable();
}
