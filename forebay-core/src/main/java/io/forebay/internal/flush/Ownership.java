package io.forebay.internal.flush;

import io.forebay.internal.pending.Partition;
import io.forebay.spi.MismatchException;
import io.forebay.spi.Watermark;
import org.jspecify.annotations.Nullable;

/** Becoming the owner of a partition, and bringing what is pending together with what the database holds. */
public interface Ownership {

    /** What taking a partition found: its epoch, and whether the database had gone back to an earlier watermark. */
    record Taken(Watermark watermark, boolean rewound) {}

    /**
     * Takes the next epoch and begins anew from the watermark.
     *
     * @return null if the partition is not this process's to take
     * @throws MismatchException if the watermark does not fit what is pending
     */
    @Nullable
    Taken take(Partition partition);

    /** Whether a partition that a newer owner took may come back here; if not, it has stopped for good. */
    boolean mayComeBack();
}
