package io.forebay.kafka.cache;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the newest record of one source key says about one key of the cache.
 *
 * @param source key of the record
 * @param value as the store holds it; null if the record deletes the key
 */
record Claim<H>(
        Key source,
        int partition,
        long offset,
        long timestamp,
        @Nullable H value) {
    /**
     * Whether this is to stay when {@code next} of the same source comes. Within a partition the log decides. A key in two
     * partitions, as after adding some, has no order but its timestamps.
     */
    boolean outlasts(Claim<H> next) {
        return partition != next.partition && isNewerThan(next);
    }

    /** The order of claims of several sources: it depends on nothing that compaction changes. */
    boolean isNewerThan(Claim<H> other) {
        if (timestamp != other.timestamp) return timestamp > other.timestamp;
        if (partition != other.partition) return partition > other.partition;
        return offset > other.offset;
    }

    <V> Versioned<V> versioned(V decoded) {
        return new Versioned<>(decoded, new LogPosition(partition, offset), Instant.ofEpochMilli(timestamp));
    }
}
