package io.forebay.cdc;

import io.forebay.cdc.event.ChangeRecord;
import org.jspecify.annotations.Nullable;

/** Who wants to know when a target is done. Thread-safe. */
interface Waiter {
    /** The target is done. */
    void done();

    /** The target was given up, and a dead letter says so if there is a {@link #record}. */
    void refused();

    /** What the dead letter is made of; null if none is to be made. */
    @Nullable
    ChangeRecord record();
}
