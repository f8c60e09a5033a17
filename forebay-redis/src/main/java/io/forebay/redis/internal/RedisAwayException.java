package io.forebay.redis.internal;

import org.jspecify.annotations.Nullable;

/** Redis could not be reached, or did not answer in time. */
public final class RedisAwayException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final boolean sent;

    RedisAwayException(String message, boolean sent, @Nullable Throwable cause) {
        super(message, cause);
        this.sent = sent;
    }

    /** Whether Redis may have carried out the command; false only if it was certainly not sent. */
    public boolean sent() {
        return sent;
    }
}
