package io.forebay;

import org.jspecify.annotations.Nullable;

/**
 * Refused: the write is certainly not in the journal and never will be, for example because the disk is full. It may be
 * sent again without being counted twice.
 */
public final class JournalWriteException extends JournalException {
    private static final long serialVersionUID = 1L;

    public JournalWriteException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
