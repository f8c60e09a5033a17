package io.forebay.kafka.cache;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndTimestamp;
import org.apache.kafka.common.TopicPartition;

/** Finds the offsets that a {@link StartFrom} stands for. */
final class Starts {
    private Starts() {}

    /**
     * The first offset to read of each partition.
     *
     * @throws CacheStoppedException if a partition ends before the start
     */
    static Map<Integer, Long> of(
            Settings<?, ?> settings,
            Consumer<?, ?> consumer,
            Map<TopicPartition, Long> begins,
            Map<TopicPartition, Long> ends) {
        Map<TopicPartition, Long> wanted = wanted(settings.startFrom(), consumer, begins, ends);
        Map<Integer, Long> starts = new HashMap<>();
        wanted.forEach((partition, offset) -> {
            if (offset > ends.get(partition))
                throw new CacheStoppedException(
                        "%s: startFrom asks for offset %d of partition %d, which ends at %d"
                                .formatted(settings.name(), offset, partition.partition(), ends.get(partition)),
                        null);
            starts.put(partition.partition(), Math.max(offset, begins.get(partition)));
        });
        return starts;
    }

    private static Map<TopicPartition, Long> wanted(
            StartFrom startFrom,
            Consumer<?, ?> consumer,
            Map<TopicPartition, Long> begins,
            Map<TopicPartition, Long> ends) {
        if (startFrom instanceof StartFrom.Offset start) return each(begins, it -> start.offset());
        if (startFrom instanceof StartFrom.Offsets start)
            return each(begins, it -> start.offsets().getOrDefault(it.partition(), 0L));
        if (startFrom instanceof StartFrom.Timestamp start) {
            long millis = start.timestamp().toEpochMilli();
            Map<TopicPartition, OffsetAndTimestamp> found = consumer.offsetsForTimes(each(begins, it -> millis));
            return each(begins, it -> {
                OffsetAndTimestamp first = found.get(it);
                return first == null ? ends.get(it) : Math.min(first.offset(), ends.get(it));
            });
        }
        return begins;
    }

    private static Map<TopicPartition, Long> each(
            Map<TopicPartition, Long> partitions, Function<TopicPartition, Long> offset) {
        return partitions.keySet().stream().collect(Collectors.toMap(Function.identity(), offset));
    }
}
