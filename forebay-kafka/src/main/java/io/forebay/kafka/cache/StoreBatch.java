package io.forebay.kafka.cache;

import java.util.List;

/** Changes to a store that become durable together with the position they reflect. One thread. */
interface StoreBatch<H> {
    /** The claims on the key, what this batch did included. */
    List<Claim<H>> claims(Key key);

    /** Replaces them; none removes the key. */
    void put(Key key, List<Claim<H>> claims);

    /** The keys that the last record of {@code source} claimed, where they are not just {@code source} itself. */
    List<Key> derived(Key source);

    /** Replaces them; none forgets the source. */
    void derive(Key source, List<Key> keys);

    /** Makes all of it durable with the checkpoint, or nothing. */
    void commit(Checkpoint checkpoint);
}
