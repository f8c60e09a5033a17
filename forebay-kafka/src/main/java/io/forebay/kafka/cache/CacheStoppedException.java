package io.forebay.kafka.cache;

import org.jspecify.annotations.Nullable;

/** The cache is closed, or has failed for the reason in the message, and follows its topic no longer. */
public final class CacheStoppedException extends LogCacheException {
    private static final long serialVersionUID = 1L;

    CacheStoppedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
