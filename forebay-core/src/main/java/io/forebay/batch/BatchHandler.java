package io.forebay.batch;

import org.jspecify.annotations.Nullable;

/**
 * What a {@link BatchBuffer} hands its batches to: a call to a service, a file, a statement of one's own.
 *
 * <p>Called for one batch per partition at a time, for different partitions at the same time, on threads of the buffer. A
 * batch whose call throws, or does not return in time, is handed over again, unchanged and with the same id, until a call
 * returns: at least once. A batch that can never succeed must be given up here, by returning.
 *
 * @param <T> the events
 * @param <R> what {@link BatchBuffer#flushAndWait} returns of each batch
 */
@FunctionalInterface
public interface BatchHandler<T, R extends @Nullable Object> {
    /**
     * Handles one batch.
     *
     * @return what those who wait for a flush get of this batch; may be null
     * @throws Exception if the batch is to be handed over again
     */
    R handle(EventBatch<T> batch) throws Exception;
}
