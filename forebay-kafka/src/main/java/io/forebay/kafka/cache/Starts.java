package io.forebay.kafka.cache;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** Finds the offsets that a {@link StartFrom} stands for. */
final class Starts {
    private Starts() {}

    /**
     * The first offset to read of each partition.
     *
     * @throws CacheStoppedException if a partition ends before the start
     */
    static Map<Integer, Long> of(
            Settings<?, ?> settings, Consumer<?, ?> consumer, Map<TopicPartition, Extent> extents) {
        Map<Integer, Long> starts = new HashMap<>();
        Map<TopicPartition, OffsetAndTimestamp> atTime = atTime(settings.startFrom(), consumer, extents.keySet());
        extents.forEach((partition, extent) -> {
            long wanted = wanted(settings.startFrom(), partition, extent, atTime.get(partition));
            if (wanted > extent.end())
                throw new CacheStoppedException(
                        "%s: startFrom asks for offset %d of partition %d, which ends at %d"
                                .formatted(settings.name(), wanted, partition.partition(), extent.end()),
                        null);
            starts.put(partition.partition(), Math.max(wanted, extent.begin()));
        });
        return starts;
    }

    private static Map<TopicPartition, OffsetAndTimestamp> atTime(
            StartFrom startFrom, Consumer<?, ?> consumer, Set<TopicPartition> partitions) {
        if (!(startFrom instanceof StartFrom.Timestamp start)) return Map.of();
        long millis = start.timestamp().toEpochMilli();
        return consumer.offsetsForTimes(
                partitions.stream().collect(Collectors.toMap(Function.identity(), it -> millis)));
    }

    private static long wanted(
            StartFrom startFrom, TopicPartition partition, Extent extent, @Nullable OffsetAndTimestamp atTime) {
        if (startFrom instanceof StartFrom.Offset start) return start.offset();
        if (startFrom instanceof StartFrom.Offsets start)
            return start.offsets().getOrDefault(partition.partition(), 0L);
        if (startFrom instanceof StartFrom.Timestamp)
            return atTime == null ? extent.end() : Math.min(atTime.offset(), extent.end());
        return extent.begin();
    }
}
