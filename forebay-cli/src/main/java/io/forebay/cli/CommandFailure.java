package io.forebay.cli;

import org.jspecify.annotations.Nullable;

/** A command could not do its work; the message is the line a person reads. */
public final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CommandFailure(String message) {
        this(message, null);
    }

    public CommandFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
