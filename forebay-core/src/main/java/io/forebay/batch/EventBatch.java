package io.forebay.batch;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Events of one partition, in the order they were added.
 *
 * @param id the same whenever this batch is handed over again, with a journal also after a restart: lets a handler drop
 *     repeats
 * @param partition number of the partition
 * @param events at least one
 * @param meta what was given as {@link BatchBuffer.Builder#flushMeta}, or null
 * @param <T> the events
 */
public record EventBatch<T>(
        UUID id, int partition, List<T> events, @Nullable Object meta) {
    public EventBatch {
        events = List.copyOf(events);
    }
}
