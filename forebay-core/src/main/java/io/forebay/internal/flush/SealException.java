package io.forebay.internal.flush;

import io.forebay.ForebayException;

/** The journal could not take the boundaries of a batch, so the batch was not sent; it is tried again. */
final class SealException extends ForebayException {
    private static final long serialVersionUID = 1L;

    SealException(String message, Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
