package io.forebay.kafka.cache;

import java.util.Objects;

/**
 * What becomes of a record that cannot be deserialized, that a validator rejects, or on which the resolver throws. In each
 * case what its key held is removed: so it is after compaction, too, which keeps the bad record and not the one before.
 */
public sealed interface BadRecords {
    /** Count it, log it, go on. The default. */
    static BadRecords skip() {
        return new Skip();
    }

    /**
     * Copy it with its key and value as they are to another topic, then go on. The headers {@code forebay.topic}, {@code
     * forebay.partition}, {@code forebay.offset} and {@code forebay.reason} say where it came from and what is wrong. At
     * least once: each reading of the topic, after a restart with a store in memory for instance, copies it again.
     */
    static BadRecords deadLetter(String topic) {
        return new DeadLetter(topic);
    }

    /**
     * Stop there. The cache stays readable as it was before the record, is not ready any more, and fails at the same record
     * after a restart.
     */
    static BadRecords fail() {
        return new Fail();
    }

    /** See {@link BadRecords#skip}. */
    record Skip() implements BadRecords {}

    /** See {@link BadRecords#deadLetter}. */
    record DeadLetter(String topic) implements BadRecords {
        public DeadLetter {
            Objects.requireNonNull(topic, "topic");
        }
    }

    /** See {@link BadRecords#fail}. */
    record Fail() implements BadRecords {}
}
