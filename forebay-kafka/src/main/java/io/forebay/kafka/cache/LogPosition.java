package io.forebay.kafka.cache;

/**
 * Where a record stands in its topic. It belongs to the topic as it was when the record was written: after the topic was
 * deleted and created again it means nothing.
 *
 * @param partition from 0
 * @param offset from 0
 */
public record LogPosition(int partition, long offset) {
    public LogPosition {
        if (partition < 0 || offset < 0)
            throw new IllegalArgumentException(
                    "partition and offset must be at least 0, were %d and %d".formatted(partition, offset));
    }
}
