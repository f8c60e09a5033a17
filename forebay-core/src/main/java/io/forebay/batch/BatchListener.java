package io.forebay.batch;

import io.forebay.ForebayListener;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Hears of inserts and flushes of a {@link BatchBuffer}, and of all the stages in between; where those name a database, it
 * is the buffer's name. Each start is followed by one stop. Return quickly, do not block. What a method throws is logged and
 * otherwise ignored. All methods do nothing by default.
 */
public interface BatchListener extends ForebayListener {
    /** Hears nothing. */
    BatchListener NONE = new BatchListener() {};

    /** Events are about to be added. On the caller's thread. */
    default void insertStarted(String buffer, int events) {}

    /**
     * Events were added, or none of them was.
     *
     * @param took the time waited for room included
     * @param failure why they were refused, or null
     */
    default void insertStopped(String buffer, int events, Duration took, @Nullable Throwable failure) {}

    /** A batch is about to be handed to the handler. On a thread of the buffer. */
    default void flushStarted(String buffer, EventBatch<?> batch) {}

    /**
     * The handler returned, or failed.
     *
     * @param failure what it threw, or null
     */
    default void flushStopped(String buffer, EventBatch<?> batch, Duration took, @Nullable Throwable failure) {}
}
