package io.forebay.cdc;

import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.event.ChangeRecord;

/**
 * Hears what becomes of changes, for metrics. Called by several threads, in no order; must be quick. What it throws is logged and
 * harms nobody.
 */
public interface CdcListener {
    /** Hears nothing. */
    CdcListener NONE = new CdcListener() {};

    /** All that the change concerns was acknowledged. */
    default void handled(ChangeEvent event, Stages stages) {}

    /**
     * A record concerns no entry.
     *
     * @param reason why: {@code heartbeat}, {@code no rule}, {@code own write} and the like
     */
    default void ignored(ChangeRecord record, String reason) {}

    /**
     * The cache did not acknowledge; it is asked again.
     *
     * @param entries how many keys, tags and prefixes were in the call
     */
    default void retried(int entries, Throwable error) {}

    /** A record is in the dead letters. */
    default void deadLettered(DeadLetter letter) {}

    /** Changes may have been missed, or it is not known what one concerns: everything is being invalidated. */
    default void gap(String reason) {}

    /** Everything was invalidated. */
    default void flushed(String reason) {}

    /** A source had an error and goes on, or begins again. */
    default void sourceFailed(Throwable error) {}
}
