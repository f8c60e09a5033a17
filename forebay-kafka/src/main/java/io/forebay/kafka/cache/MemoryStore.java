package io.forebay.kafka.cache;

import io.forebay.kafka.cache.Store.Held;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import org.jspecify.annotations.Nullable;

/** Entries on the heap: a hash table, and beside it an order of the keys from the first time that somebody asks for one. */
final class MemoryStore<V> implements Store<V>, StoreBatch<V> {
    private static final int MOST_PLACES = 1 << 20; // 8 MiB at most for a table that may turn out to hold little

    private final Map<Key, List<Claim<V>>> entries;
    private final Map<Key, List<Key>> derived = new HashMap<>(); // the writing thread's
    private volatile @Nullable NavigableSet<Key> order; // from then on the writing thread keeps it
    private volatile boolean ordered; // it is complete
    private volatile @Nullable Checkpoint checkpoint;

    /** Begins with places for what is going to be read: a table that grows is copied again and again. */
    private MemoryStore(long records) {
        this.entries = new ConcurrentHashMap<>((int) Math.min(records, MOST_PLACES));
    }

    /** Nothing is kept between two caches. */
    static <V> Stores<V> stores() {
        return new Stores<>() {
            @Override
            public @Nullable Store<V> reopen() {
                return null;
            }

            @Override
            public Store<V> create(long records) {
                return new MemoryStore<>(records);
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public List<Claim<V>> claims(Key key) {
        List<Claim<V>> claims = entries.get(key);
        return claims == null ? List.of() : claims;
    }

    @Override
    public void put(Key key, List<Claim<V>> claims) {
        if (claims.isEmpty()) entries.remove(key);
        else entries.put(key, claims);
        NavigableSet<Key> keys = order;
        if (keys == null) return;
        if (claims.isEmpty()) keys.remove(key);
        else keys.add(key);
    }

    @Override
    public List<Held<V>> page(Key from, boolean inclusive, @Nullable Key end, int max) {
        NavigableSet<Key> tail = order().tailSet(from, inclusive);
        List<Held<V>> page = new ArrayList<>();
        for (Key key : tail) {
            if (end != null && key.compareTo(end) >= 0) break;
            Claim<V> seen = Claims.seen(claims(key)); // a key that was just removed may still be in the order
            if (seen != null) page.add(new Held<>(key, seen));
            if (page.size() == max) break;
        }
        return page;
    }

    /**
     * The writing thread puts into the table first and looks for the order then: it finds the order, or the walk over the
     * table finds the key. A key that is removed meanwhile may stay in the order, where it does no harm.
     */
    private synchronized NavigableSet<Key> order() {
        NavigableSet<Key> keys = order;
        if (keys == null || !ordered) {
            keys = new ConcurrentSkipListSet<>();
            order = keys;
            keys.addAll(entries.keySet());
            ordered = true;
        }
        return keys;
    }

    @Override
    public StoreBatch<V> begin() {
        return this;
    }

    @Override
    public List<Key> derived(Key source) {
        return derived.getOrDefault(source, List.of());
    }

    @Override
    public void derive(Key source, List<Key> keys) {
        if (keys.isEmpty()) derived.remove(source);
        else derived.put(source, keys);
    }

    @Override
    public void commit(Checkpoint next) {
        checkpoint = next;
    }

    @Override
    public @Nullable Checkpoint checkpoint() {
        return checkpoint;
    }

    @Override
    public long entries() {
        return entries.size();
    }

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public void close() {}

    @Override
    public void discard() {}
}
