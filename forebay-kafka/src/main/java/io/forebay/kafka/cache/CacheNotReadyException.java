package io.forebay.kafka.cache;

import org.jspecify.annotations.Nullable;

/** The cache has not read its topic to the end yet, so an absent key would mean nothing. */
public final class CacheNotReadyException extends LogCacheException {
    private static final long serialVersionUID = 1L;

    CacheNotReadyException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
