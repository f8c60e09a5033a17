package io.forebay.state;

import io.forebay.ForebayException;
import org.jspecify.annotations.Nullable;

/** A key holds something else than was asked for. Nothing was changed. */
public sealed class SharedStateException extends ForebayException permits StateUnavailableException {
    private static final long serialVersionUID = 1L;

    public SharedStateException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /**
     * A key holds another kind of thing.
     *
     * @param holds with its article, as "a hash"
     * @param asked the method that was called
     */
    public static SharedStateException wrongKind(String key, String holds, String asked) {
        return new SharedStateException(
                "key '%s' holds %s, which %s cannot be used with".formatted(key, holds, asked), null);
    }

    /** A key holds a value that cannot be counted with. */
    public static SharedStateException noCounter(String key, String asked) {
        return new SharedStateException(
                "key '%s' holds a value that is no whole number of 64 bits, which %s cannot be used with"
                        .formatted(key, asked),
                null);
    }

    /** The sum would be too large. */
    public static SharedStateException overflow(String key, String asked, long amount) {
        return new SharedStateException(
                "%s of key '%s' by %d would leave the 64 bits of a counter; its value is unchanged"
                        .formatted(asked, key, amount),
                null);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
