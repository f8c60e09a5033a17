package io.forebay.batch;

import io.forebay.Stats;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A {@link BatchBuffer} at one moment.
 *
 * @param name its name
 * @param partitions each partition, by its number
 * @param stats its counters; a row there is an event
 */
public record BatchBufferInfo(String name, List<Partition> partitions, Stats stats) {
    public BatchBufferInfo {
        partitions = List.copyOf(partitions);
    }

    /**
     * One partition.
     *
     * @param number its number
     * @param size events that no call of the handler has taken yet
     * @param bytes their estimated bytes
     * @param oldest age of the oldest of them; empty if there is none
     * @param handling whether the handler is at work on a batch of this partition
     */
    public record Partition(int number, long size, long bytes, Optional<Duration> oldest, boolean handling) {}
}
