package io.forebay.internal.pending;

import io.forebay.spi.PendingAppend;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import java.util.List;

/** Pending rows with their range of sequences ({@code from}, {@code to}]. Guarded by the partition's locks. */
interface Layer {
    long from();

    long to();

    /** Its rows without a key, in the order they were written. */
    List<PendingAppend> appends();

    /** What is pending for the row; empty if nothing is. */
    List<Stage> stages(RowKey key);
}
