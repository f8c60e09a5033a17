package io.forebay.kafka.cache;

import org.jspecify.annotations.Nullable;

/** The directory or the files of a store cannot be used. */
public final class CacheStoreException extends LogCacheException {
    private static final long serialVersionUID = 1L;

    CacheStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
