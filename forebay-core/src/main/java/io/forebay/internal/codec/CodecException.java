package io.forebay.internal.codec;

import io.forebay.ForebayException;
import java.time.DateTimeException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Bytes that no version of Forebay known here has written. */
public final class CodecException extends ForebayException {
    private static final long serialVersionUID = 1L;

    public CodecException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** Runs a reading; values that no writer could have written fail as what they are, damage. */
    public static <T> T guard(Supplier<T> reading) {
        try {
            return reading.get();
        } catch (ArithmeticException
                | ClassCastException
                | IllegalArgumentException
                | NullPointerException
                | DateTimeException e) {
            throw new CodecException("a value cannot be what it says: " + e.getMessage(), e);
        }
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
