package io.forebay.kafka;

import org.jspecify.annotations.Nullable;

/**
 * How far one writer is in one partition: the newest window that is known to be in, and whether another one may be.
 * Thread-safe.
 */
final class Written {
    private long number; // guarded by this, as all below
    private long end;
    private boolean open;
    private @Nullable Throwable doubt;

    /** @param end where the partition ended before the writer's first window */
    Written(long end) {
        this.end = end;
    }

    /** The number of the newest window that is known to be in, or of the last before it if there is none. */
    synchronized long number() {
        return number;
    }

    /** Behind which offset the next window is, if it is in at all. */
    synchronized long end() {
        return end;
    }

    /** A window is on its way from now on. */
    synchronized void begin() {
        open = true;
    }

    /** The window that was on its way is in; returns where it ends. */
    synchronized long arrived(long newNumber, long newEnd) {
        number = newNumber;
        return settled(newEnd);
    }

    /** Whether the window that was on its way is in is not known. */
    synchronized void doubt(Throwable reason) {
        doubt = reason;
    }

    synchronized @Nullable Throwable doubt() {
        return doubt;
    }

    /** Nothing is on its way, and nothing of this writer will come before an offset. */
    synchronized long settled(long newEnd) {
        end = newEnd;
        open = false;
        doubt = null;
        return newEnd;
    }

    /** Whether all that may be on its way is at an offset or behind it. */
    synchronized boolean isOpenOnlyFrom(long offset) {
        return !open || end >= offset;
    }
}
