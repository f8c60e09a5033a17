package io.forebay.redis.cache;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** One way to a value that is not near, made by one thread for all that ask for the key meanwhile. */
final class Flight<V> {
    private final String key;
    private final long begun;
    private final Thread leader = Thread.currentThread();
    private final CompletableFuture<Optional<V>> landing = new CompletableFuture<>();
    private boolean boarding = true; // guarded by the near cache's lock
    private boolean spoiled; // guarded by the near cache's lock

    /**
     * @param begun its number in the near cache's order of loads and invalidations
     * @param spoiled whether what it brings cannot be kept from the beginning
     */
    Flight(String key, long begun, boolean spoiled) {
        this.key = key;
        this.begun = begun;
        this.spoiled = spoiled;
    }

    String key() {
        return key;
    }

    long begun() {
        return begun;
    }

    Thread leader() {
        return leader;
    }

    /** Completed when the value is known, or could not be. */
    CompletableFuture<Optional<V>> landing() {
        return landing;
    }

    /** Whether others that ask for the key may take what this one brings. */
    boolean isBoarding() {
        return boarding;
    }

    void endBoarding() {
        boarding = false;
    }

    boolean isSpoiled() {
        return spoiled;
    }

    /** What it brings must not be kept: it may be older than an invalidation. */
    void spoil() {
        boarding = false;
        spoiled = true;
    }
}
