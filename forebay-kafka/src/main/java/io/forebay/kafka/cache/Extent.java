package io.forebay.kafka.cache;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * What a partition holds at a moment.
 *
 * @param begin the first offset that may exist
 * @param end the offset of the next record; before it, if transactions are open that are not to be read
 */
record Extent(long begin, long end) {
    /** How many records it may hold at most. */
    long records() {
        return end - begin;
    }

    /** Asks Kafka; the ends first, so that each is known to be at least as old as the answer. */
    static Map<TopicPartition, Extent> of(Consumer<?, ?> consumer, List<TopicPartition> partitions) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<TopicPartition, Long> begins = consumer.beginningOffsets(partitions);
        Map<TopicPartition, Extent> extents = new HashMap<>();
        for (TopicPartition partition : partitions)
            extents.put(
                    partition,
                    new Extent(
                            Objects.requireNonNull(begins.get(partition)),
                            Objects.requireNonNull(ends.get(partition))));
        return extents;
    }
}
