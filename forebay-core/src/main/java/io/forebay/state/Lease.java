package io.forebay.state;

import java.time.Duration;

/** The right to do something alone for a time, see {@link SharedState#tryAcquire}. Thread-safe. */
public interface Lease extends AutoCloseable {
    String name();

    /**
     * Higher than the token of every earlier lease of this name, also of those that have expired. Send it with what is
     * done under the lease, and have a lower one refused where it arrives.
     */
    long token();

    /**
     * Gives the lease this much time from now on.
     *
     * @param ttl 1 ms to 36,500 days; parts of a millisecond are cut off
     * @return false if it has ended, whether or not someone else has it now; it cannot come back then
     */
    boolean renew(Duration ttl);

    /** Ends the lease; returns false if it had ended before. Someone else's lease of this name is not touched. */
    boolean release();

    /** Releases it. */
    @Override
    default void close() {
        release();
    }
}
