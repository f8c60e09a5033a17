package io.forebay.internal.lifecycle;

import io.forebay.HaltedException;
import io.forebay.Position;
import io.forebay.internal.pending.WindowAck;

/** What stands behind the {@link Intake}: what takes windows on, and makes room. Thread-safe. */
interface Downstream {
    /** There is something in a window. */
    void wake();

    /** A writer waits for room. */
    void hurry();

    /**
     * Makes sure that the partition takes writes.
     *
     * @throws HaltedException if a newer owner has taken it for good
     * @throws io.forebay.ForebayException if writes cannot be taken now, and are not to wait
     */
    void requireTaking(int partition);

    /** Whether a write of the source was refused, so that later ones would leave a gap. */
    boolean isBroken(String source);

    /** Somebody waits for the database to hold the window. */
    void flushSoon(WindowAck window);

    /** Where the window stands, as soon as that is known. */
    Position position(WindowAck window);
}
