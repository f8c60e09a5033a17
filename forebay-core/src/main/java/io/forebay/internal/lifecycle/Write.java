package io.forebay.internal.lifecycle;

import io.forebay.internal.mutation.Increment;
import io.forebay.internal.mutation.Mutation;
import io.forebay.spi.PendingAppend;

/** One write, and the partition it goes to. */
public sealed interface Write {
    int partition();

    /** A write to a row. */
    record ToRow(int partition, Mutation mutation) implements Write {}

    /** An addition to a whole-number column of a row. */
    record Counted(int partition, Increment increment) implements Write {}

    /** A row without a key. */
    record Appended(int partition, PendingAppend append) implements Write {}
}
