package io.forebay.kafka.cache;

import org.jspecify.annotations.Nullable;

/** What is wrong with a record; the message does not show its content. */
final class BadRecordException extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final boolean rejected;

    private BadRecordException(String message, boolean rejected, @Nullable Throwable cause) {
        super(message, cause);
        this.rejected = rejected;
    }

    static BadRecordException rejected(String what, String problem) {
        return new BadRecordException("the validator of " + what + " rejects it: " + problem, true, null);
    }

    static BadRecordException poison(String message, RuntimeException cause) {
        return new BadRecordException(message + ": " + cause, false, cause);
    }

    boolean isRejected() {
        return rejected;
    }
}
