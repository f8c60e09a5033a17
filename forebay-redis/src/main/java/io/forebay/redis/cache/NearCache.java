package io.forebay.redis.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The level in this process. It is open while it hears of invalidations; closed it is empty, serves nothing and takes nothing.
 *
 * <p>The same order rules here as in Redis: loads and invalidations are numbered, a value has the number at which its
 * way here began, and a mark on a tag or a prefix makes older ones stale. Whether a value may be kept is decided under the
 * lock that an invalidation takes too, so a value is kept before it, and goes with it, or is not kept. Thread-safe.
 */
final class NearCache<V> {
    private final Cache<String, Held<V>> values;
    private final LongSupplier nanoTime;
    private final long silenceNanos;
    private final long memoryNanos;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, List<Flight<V>>> flights = new HashMap<>(); // by key; guarded by lock
    private final Map<String, Mark> marks = new ConcurrentHashMap<>(); // written under lock
    private long number; // guarded by lock
    private volatile boolean open;
    private volatile long confirmed;

    /** A value, with the names by which it can be invalidated besides its key. */
    private record Held<V>(Known<V> known, Set<String> names, long begun, Duration ttl) {}

    /** When a name was invalidated last. */
    private record Mark(long number, long nanos) {}

    /**
     * @param silence for how long values are served after {@link #confirm}
     * @param memory how long after the begin of a flight its value may be kept
     */
    NearCache(long maxEntries, Duration silence, Duration memory, LongSupplier nanoTime) {
        this.values = Caffeine.newBuilder()
                .maximumSize(maxEntries)
                .executor(Runnable::run)
                .ticker(nanoTime::getAsLong)
                .expireAfter(Expiry.<String, Held<V>>writing((key, held) -> held.ttl()))
                .build();
        this.nanoTime = nanoTime;
        this.silenceNanos = silence.toNanos();
        this.memoryNanos = memory.toNanos();
    }

    /** What is held, null if nothing. */
    @Nullable
    Known<V> get(String key) {
        if (!isOpen()) return null;
        Held<V> held = values.getIfPresent(key);
        return held == null || isStale(held) ? null : held.known();
    }

    boolean isOpen() {
        return open && nanoTime.getAsLong() - confirmed < silenceNanos;
    }

    /**
     * The flight for a key that is under way, or a new one, whose leader is the thread that calls.
     *
     * @throws IllegalStateException if this thread leads one already: its loader asks for its own key
     */
    Flight<V> flight(String key) {
        lock.lock();
        try {
            List<Flight<V>> underWay = flights.computeIfAbsent(key, it -> new ArrayList<>(1));
            for (Flight<V> flight : underWay) {
                if (flight.leader() == Thread.currentThread())
                    throw new IllegalStateException("the loader of key '" + key + "' asks the cache for the same key");
                if (flight.isBoarding()) return flight;
            }
            Flight<V> flight = new Flight<>(key, ++number, !open);
            underWay.add(flight);
            return flight;
        } finally {
            lock.unlock();
        }
    }

    /** A flight that nobody else joins. */
    Flight<V> lonely(String key) {
        lock.lock();
        try {
            Flight<V> flight = new Flight<>(key, ++number, !open);
            flight.endBoarding();
            flights.computeIfAbsent(key, it -> new ArrayList<>(1)).add(flight);
            return flight;
        } finally {
            lock.unlock();
        }
    }

    /** Keeps what a flight has brought, unless it may be stale. */
    void keep(Flight<V> flight, Known<V> known, Collection<String> tags, Duration ttl) {
        Set<String> names = new HashSet<>();
        for (String prefix : CacheKeys.prefixes(flight.key())) names.add(prefixName(prefix));
        for (String tag : tags) names.add(tagName(tag));
        Held<V> held = new Held<>(known, Set.copyOf(names), flight.begun(), ttl);
        lock.lock();
        try {
            if (!flight.isSpoiled() && !isStale(held)) values.put(flight.key(), held);
        } finally {
            lock.unlock();
        }
    }

    /** The flight is over: whoever asks from now on begins another one. */
    void end(Flight<V> flight) {
        lock.lock();
        try {
            flights.computeIfPresent(flight.key(), (key, underWay) -> {
                underWay.remove(flight);
                return underWay.isEmpty() ? null : underWay;
            });
        } finally {
            lock.unlock();
        }
    }

    /** Lets go of what is invalidated. Nothing of it is served, kept or joined from now on. */
    void forget(Announcement what) {
        lock.lock();
        try {
            if (what.everything()) forgetEverything();
            for (String key : what.keys()) forget(key);
            Mark mark = new Mark(++number, nanoTime.getAsLong());
            for (String tag : what.tags()) marks.put(tagName(tag), mark);
            for (String prefix : what.prefixes()) marks.put(prefixName(prefix), mark);
            if (!what.tags().isEmpty() || !what.prefixes().isEmpty()) underWay().forEach(Flight::endBoarding);
        } finally {
            lock.unlock();
        }
    }

    /** Invalidations may be missed from now on. */
    void close() {
        lock.lock();
        try {
            open = false;
            forgetEverything();
        } finally {
            lock.unlock();
        }
    }

    /** Invalidations are heard from a moment on. */
    void open(long nanos) {
        confirm(nanos);
        lock.lock();
        try {
            open = true;
        } finally {
            lock.unlock();
        }
    }

    /** All invalidations up to a moment were heard. */
    void confirm(long nanos) {
        confirmed = nanos;
    }

    /** Lets go of marks that are older than everything that is held or on its way. */
    void tidy() {
        long now = nanoTime.getAsLong();
        marks.values().removeIf(mark -> now - mark.nanos() > memoryNanos);
    }

    private void forget(String key) {
        flights.getOrDefault(key, List.of()).forEach(Flight::spoil);
        values.invalidate(key);
    }

    private void forgetEverything() {
        underWay().forEach(Flight::spoil);
        values.invalidateAll();
    }

    private Stream<Flight<V>> underWay() {
        return flights.values().stream().flatMap(List::stream);
    }

    private boolean isStale(Held<V> held) {
        if (marks.isEmpty()) return false;
        for (String name : held.names()) {
            Mark mark = marks.get(name);
            if (mark != null && mark.number() > held.begun()) return true;
        }
        return false;
    }

    private static String tagName(String tag) {
        return "t:" + tag;
    }

    private static String prefixName(String prefix) {
        return "p:" + prefix;
    }
}
