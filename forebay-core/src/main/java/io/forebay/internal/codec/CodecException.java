package io.forebay.internal.codec;

import io.forebay.ForebayException;
import org.jspecify.annotations.Nullable;

/** Bytes that no version of Forebay known here has written. */
public final class CodecException extends ForebayException {
    private static final long serialVersionUID = 1L;

    public CodecException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
