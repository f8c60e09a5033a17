package io.forebay.redis.cache;

import io.forebay.ForebayException;
import org.jspecify.annotations.Nullable;

/**
 * Redis could not be reached, did not answer in time, or refused. An invalidation that ends so may have been carried out
 * or not: it has to be repeated.
 */
public final class CacheUnavailableException extends ForebayException {
    private static final long serialVersionUID = 1L;

    CacheUnavailableException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    @Override
    public boolean retryable() {
        return true;
    }
}
