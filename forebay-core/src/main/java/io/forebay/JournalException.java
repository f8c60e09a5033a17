package io.forebay;

import org.jspecify.annotations.Nullable;

/** What the journal throws. */
public abstract sealed class JournalException extends ForebayException
        permits JournalWriteException, JournalForceException, JournalDamagedException, JournalAccessException {
    private static final long serialVersionUID = 1L;

    JournalException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
