package io.forebay.internal.pending;

import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import java.util.List;

/** Pending rows with their range of sequences ({@code from}, {@code to}]. Guarded by the partition's locks. */
interface Layer {
    long from();

    long to();

    /** What is pending for the row; empty if nothing is. */
    List<Stage> stages(RowKey key);
}
