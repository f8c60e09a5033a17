package io.forebay.state;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Things by their name, some of which end at a moment. What has ended is not to be seen any more, and is let go by the
 * next call of {@link #sweep}. Not thread-safe.
 */
final class ExpiringMap<V> {
    private final LongSupplier nanoTime;
    private final Map<String, Entry<V>> entries = new HashMap<>();
    private final TreeSet<Entry<V>> ending = new TreeSet<>(ExpiringMap::byDeadline);
    private long made;

    /** @param number tells entries of one deadline apart */
    private record Entry<V>(String name, V value, boolean ends, long deadline, long number) {}

    ExpiringMap(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    @Nullable
    V get(String name) {
        Entry<V> entry = entries.get(name);
        return entry == null || hasEnded(entry) ? null : entry.value;
    }

    void put(String name, V value) {
        put(new Entry<>(name, value, false, 0, made++));
    }

    void put(String name, V value, long ttlNanos) {
        put(new Entry<>(name, value, true, nanoTime.getAsLong() + ttlNanos, made++));
    }

    /** Puts another value, until the moment at which the one before was to end; for ever if there is none. */
    void replace(String name, V value) {
        Entry<V> before = entries.get(name);
        if (before == null || hasEnded(before)) put(name, value);
        else put(new Entry<>(name, value, before.ends, before.deadline, made++));
    }

    /** Returns whether it was there, and had not ended. */
    boolean remove(String name) {
        Entry<V> entry = entries.remove(name);
        if (entry == null) return false;
        ending.remove(entry);
        return !hasEnded(entry);
    }

    void sweep() {
        while (!ending.isEmpty() && hasEnded(ending.first())) entries.remove(ending.pollFirst().name);
    }

    /** Those that have ended and were not let go yet are among them. */
    int size() {
        return entries.size();
    }

    private void put(Entry<V> entry) {
        remove(entry.name);
        entries.put(entry.name, entry);
        if (entry.ends) ending.add(entry);
    }

    private boolean hasEnded(Entry<V> entry) {
        return entry.ends && nanoTime.getAsLong() - entry.deadline >= 0;
    }

    private static int byDeadline(Entry<?> one, Entry<?> other) {
        long difference = one.deadline - other.deadline; // times of nanoTime have no other order
        return difference != 0 ? Long.signum(difference) : Long.compare(one.number, other.number);
    }
}
