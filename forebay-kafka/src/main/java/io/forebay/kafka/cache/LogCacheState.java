package io.forebay.kafka.cache;

/** What a {@link LogCache} is doing. */
public enum LogCacheState {
    /** Reading the topic to its end for the first time; nothing can be read yet. */
    LOADING,
    /** Following the topic. */
    READY,
    /**
     * Reading the topic anew, because what is held may be wrong: the topic was created again, records were deleted that had
     * not been read, or the cache was behind for longer than deletions stay in the topic. Until that is done, reads show what
     * was held before.
     */
    REBUILDING,
    /** Stopped by an error that trying again does not help; what was held can be read. */
    FAILED,
    /** Closed. */
    CLOSED
}
