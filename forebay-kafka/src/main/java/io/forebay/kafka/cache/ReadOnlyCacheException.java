package io.forebay.kafka.cache;

import org.jspecify.annotations.Nullable;

/** A write to a cache that is read-only, which is the default. */
public final class ReadOnlyCacheException extends LogCacheException {
    private static final long serialVersionUID = 1L;

    ReadOnlyCacheException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return false;
    }
}
