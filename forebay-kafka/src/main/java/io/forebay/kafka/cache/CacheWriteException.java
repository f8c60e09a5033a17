package io.forebay.kafka.cache;

/**
 * Kafka did not take a write. It may still be in the topic if the broker's answer was lost; writing the same again does no
 * harm.
 */
public final class CacheWriteException extends LogCacheException {
    private static final long serialVersionUID = 1L;
    private final boolean retryable;

    CacheWriteException(String message, Throwable cause, boolean retryable) {
        super(message, cause);
        this.retryable = retryable;
    }

    /** False for a message that is too large, a missing topic, a missing right. */
    @Override
    public boolean retryable() {
        return retryable;
    }
}
