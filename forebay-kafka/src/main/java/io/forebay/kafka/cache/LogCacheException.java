package io.forebay.kafka.cache;

import io.forebay.ForebayException;
import org.jspecify.annotations.Nullable;

/** The root of what a {@link LogCache} throws, but for arguments that are wrong in themselves. */
public abstract sealed class LogCacheException extends ForebayException
        permits CacheNotReadyException,
                CacheStoppedException,
                CacheStoreException,
                CacheWriteException,
                InvalidWriteException,
                PositionTimeoutException,
                ReadOnlyCacheException {
    private static final long serialVersionUID = 1L;

    LogCacheException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
