package io.forebay.internal.journal;

import io.forebay.JournalPolicy;

/**
 * What a journal is opened with.
 *
 * @param policy how it uses its disk
 * @param partitions number of partitions, fixed for the life of the journal: 1 to {@value #MAX_PARTITIONS}
 */
public record JournalSettings(JournalPolicy policy, int partitions) {
    public static final int MAX_PARTITIONS = 1024;

    public JournalSettings {
        if (partitions < 1 || partitions > MAX_PARTITIONS)
            throw new IllegalArgumentException(
                    "partitions must be between 1 and %d, was %d".formatted(MAX_PARTITIONS, partitions));
    }

    /** What is left free at the end of each segment for frames that a full journal must still take. */
    long reserveBytes() {
        return Math.min(64 << 10, policy.segmentBytes() / 4);
    }
}
