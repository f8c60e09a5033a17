package io.forebay;

import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.DeadLetter;
import java.time.Duration;

/**
 * Hears of every stage on the way of a write. Called outside Forebay's locks, mostly on its own threads; {@link #blocked} on
 * the writing thread, some events on the thread that builds or closes: return quickly, do not block. What a method throws is logged and otherwise ignored. All methods do nothing by default.
 */
public interface ForebayListener {
    /** Hears nothing. */
    ForebayListener NONE = new ForebayListener() {};

    /** A frame was written to the journal, not yet forced. */
    default void appended(String database, int windows, int bytes) {}

    /** The frame was forced: its windows are {@link Durability#SYNCED}. */
    default void forced(String database, int windows, Duration took) {}

    /** The journal refused windows: their writes failed. */
    default void refused(String database, int windows, ForebayException reason) {}

    /** A batch was sealed and its seal forced; nothing of it was sent yet. */
    default void sealed(String database, Batch batch) {}

    /** The database holds the batch. */
    default void flushed(String database, Batch batch, BatchResult result, Duration took) {}

    /** The database refused a row of a batch it now holds. */
    default void deadLettered(String database, Batch batch, DeadLetter letter) {}

    /** A flush failed and will be tried again after {@code wait}. */
    default void retrying(String database, int partition, ForebayException reason, Duration wait) {}

    /** A partition stopped until a person has looked. */
    default void halted(String database, int partition, ForebayException reason) {}

    /** This process took a partition; its flushes carry {@code epoch}, and those of earlier owners change nothing any more. */
    default void owned(String database, int partition, long epoch) {}

    /** The database came back in an earlier state; kept windows are replayed from {@code watermark}. */
    default void rewound(String database, int partition, long watermark) {}

    /** A write waited for room in the buffer. */
    default void blocked(String database, Duration took, boolean refused) {}

    /** The watchdog cancelled a flush that hung, or replaced a runner that died. */
    default void revived(String database, String what) {}
}
