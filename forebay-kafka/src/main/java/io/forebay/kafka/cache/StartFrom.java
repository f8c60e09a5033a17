package io.forebay.kafka.cache;

import java.time.Instant;
import java.util.Map;

/**
 * The first record of each partition that a cache without a store of its own reads. Where the topic begins later, because
 * older records were deleted, the cache begins there.
 */
public sealed interface StartFrom {
    /** The oldest record there is. The default, and the only start with which the cache holds every key. */
    static StartFrom beginning() {
        return new Beginning();
    }

    /** This offset in every partition; an error if a partition ends before it. */
    static StartFrom offset(long offset) {
        return new Offset(offset);
    }

    /** An offset for each partition; those not named are read from the beginning. An error if a partition ends before it. */
    static StartFrom offsets(Map<Integer, Long> offsets) {
        return new Offsets(offsets);
    }

    /** The first record of each partition with this timestamp or a later one; where there is none, the end. */
    static StartFrom timestamp(Instant timestamp) {
        return new Timestamp(timestamp);
    }

    /** See {@link StartFrom#beginning}. */
    record Beginning() implements StartFrom {}

    /** See {@link StartFrom#offset}. */
    record Offset(long offset) implements StartFrom {
        public Offset {
            if (offset < 0) throw new IllegalArgumentException("offset must be at least 0, was " + offset);
        }
    }

    /** See {@link StartFrom#offsets}. */
    record Offsets(Map<Integer, Long> offsets) implements StartFrom {
        public Offsets {
            offsets = Map.copyOf(offsets);
            offsets.forEach(LogPosition::new); // checks both
        }
    }

    /** See {@link StartFrom#timestamp}. */
    record Timestamp(Instant timestamp) implements StartFrom {
        public Timestamp {
            if (timestamp.toEpochMilli() < 0)
                throw new IllegalArgumentException("timestamp must be 1970 or later, was " + timestamp);
        }
    }
}
