package io.forebay.kafka.cache;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entries of one generation, with what they reflect. One thread writes, any number read.
 *
 * @param <H> how a value is held
 */
interface Store<H> {
    /** The claims on the key as of the last commit (in memory: or later); empty if there are none. */
    List<Claim<H>> claims(Key key);

    /**
     * Up to {@code max} keys that have a value, in order, beginning at {@code from} or behind it.
     *
     * @param end the first key that is not wanted; null for none
     */
    List<Held<H>> page(Key from, boolean inclusive, @Nullable Key end, int max);

    /** Begins what is made of one poll; only by the writing thread, one after the other. */
    StoreBatch<H> begin();

    /** What was last committed; null if nothing was. */
    @Nullable
    Checkpoint checkpoint();

    /** Keys with a value; may be an estimate. */
    long entries();

    /** Disk in bytes. */
    long bytes();

    /** Lets go of files; reads fail from now on. */
    void close();

    /** Closes and deletes it. */
    void discard();

    /** A key with the claim that is seen. */
    record Held<H>(Key key, Claim<H> claim) {}
}
