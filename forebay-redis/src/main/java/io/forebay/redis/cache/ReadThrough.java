package io.forebay.redis.cache;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of a read: near, else Redis, else the loader. A value that was loaded is kept near only if Redis has stored it: what
 * Redis rejects may be stale. Thread-safe.
 */
final class ReadThrough<V> {
    private static final Logger LOG = LoggerFactory.getLogger(ReadThrough.class);
    private static final long SHORTEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final CacheSettings settings;
    private final CacheCodec<V> codec;
    private final Duration nearTtl;
    private final LoadPolicy policy;
    private final CacheStore store;
    private final NearCache<V> near;
    private final CacheCounters counters;

    /** A call of the application's loader. */
    private interface Loading<V> {
        Optional<V> load();
    }

    ReadThrough(
            CacheSettings settings,
            CacheCodec<V> codec,
            Duration nearTtl,
            LoadPolicy policy,
            CacheStore store,
            NearCache<V> near,
            CacheCounters counters) {
        this.settings = settings;
        this.codec = codec;
        this.nearTtl = nearTtl;
        this.policy = policy;
        this.store = store;
        this.near = near;
        this.counters = counters;
    }

    /** The value that is near or in Redis. */
    Optional<V> look(String key) {
        Flight<V> flight = near.lonely(key);
        try {
            if (!(store.peek(key) instanceof Found.Hit hit)) return Optional.empty();
            Known<V> taken = taken(flight, hit);
            return taken == null ? Optional.empty() : taken.value();
        } catch (CacheUnavailableException e) {
            refuseIfAsked(e);
            return Optional.empty();
        } finally {
            near.end(flight);
        }
    }

    /** The value, from wherever it is to be had. */
    Optional<V> read(String key, Set<String> tags, Function<? super String, ? extends @Nullable V> loader) {
        Flight<V> flight = near.flight(key);
        if (flight.leader() != Thread.currentThread()) return join(flight);
        try {
            Optional<V> value = bring(flight, tags, () -> called(loader, key));
            flight.landing().complete(value);
            return value;
        } catch (Throwable e) {
            flight.landing().completeExceptionally(e);
            throw e;
        } finally {
            near.end(flight);
        }
    }

    private Optional<V> join(Flight<V> flight) {
        counters.joined.increment();
        try {
            return flight.landing().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException failed) throw failed;
            if (e.getCause() instanceof Error failed) throw failed;
            throw e;
        }
    }

    private Optional<V> bring(Flight<V> flight, Set<String> tags, Loading<V> loading) {
        long begun = System.nanoTime();
        long pause = SHORTEST_PAUSE_NANOS;
        while (true) {
            Found found;
            try {
                found = store.find(flight.key(), policy.lease(), longestTtl());
            } catch (CacheUnavailableException e) {
                refuseIfAsked(e);
                return loading.load();
            }
            if (found instanceof Found.Hit hit) {
                Known<V> taken = taken(flight, hit);
                return taken == null ? unstored(loading) : taken.value();
            }
            if (found instanceof Found.Load load) return loaded(flight, load.token(), tags, loading);
            long left = policy.patience().toNanos() - (System.nanoTime() - begun);
            if (!(found instanceof Found.Busy)
                    || left <= 0
                    || Thread.currentThread().isInterrupted()) return unstored(loading);
            LockSupport.parkNanos(Math.min(pause, left));
            pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
        }
    }

    private Duration longestTtl() {
        return settings.ttl().compareTo(policy.negativeTtl()) > 0 ? settings.ttl() : policy.negativeTtl();
    }

    private Optional<V> unstored(Loading<V> loading) {
        counters.unstored.increment();
        return loading.load();
    }

    private void refuseIfAsked(CacheUnavailableException e) {
        counters.unavailable.increment();
        if (policy.whenAway() == LoadPolicy.WhenAway.FAIL) throw e;
        LOG.debug("cache '{}' is read past", settings.name(), e);
    }

    /** What Redis has; null if the codec cannot read it, and then it is deleted. */
    private @Nullable Known<V> taken(Flight<V> flight, Found.Hit hit) {
        Known<V> known;
        try {
            known = new Known<>(CacheStore.content(hit.payload()).map(codec::read));
        } catch (RuntimeException e) {
            unreadable(flight.key(), e);
            return null;
        }
        counters.redisHits.increment();
        near.keep(flight, known, hit.tags(), shorter(nearTtl, hit.left()));
        return known;
    }

    private void unreadable(String key, RuntimeException e) {
        counters.unreadable.increment();
        LOG.debug("cache '{}': the codec cannot read what is stored under key '{}'", settings.name(), key, e);
        var unused = store.invalidate(
                Announcement.of(Set.of(key), Set.of(), Set.of())); // another one may store what it can read
    }

    private Optional<V> loaded(Flight<V> flight, String token, Set<String> tags, Loading<V> loading) {
        Optional<V> value;
        byte[] payload;
        try {
            value = loading.load();
            payload = CacheStore.payload(value.map(codec::write));
        } catch (Throwable e) {
            release(flight.key(), token);
            throw e;
        }
        Duration ttl = value.isPresent() ? jittered() : policy.negativeTtl();
        if (ttl.isZero()) release(flight.key(), token);
        else store(flight, token, tags, value, payload, ttl);
        return value;
    }

    private void store(
            Flight<V> flight, String token, Set<String> tags, Optional<V> value, byte[] payload, Duration ttl) {
        try {
            if (store.fill(flight.key(), token, payload, ttl, tags)) {
                counters.stored.increment();
                near.keep(flight, new Known<>(value), tags, shorter(nearTtl, ttl));
            } else {
                counters.rejected.increment();
            }
        } catch (CacheUnavailableException e) {
            counters.unavailable.increment();
            LOG.debug("cache '{}': a value could not be stored", settings.name(), e);
        }
    }

    private void release(String key, String token) {
        try {
            store.release(key, token);
        } catch (CacheUnavailableException e) {
            LOG.debug("cache '{}': others wait for the end of a lease", settings.name(), e);
        }
    }

    private Optional<V> called(Function<? super String, ? extends @Nullable V> loader, String key) {
        counters.loads.increment();
        boolean done = false;
        try {
            Optional<V> value = Optional.ofNullable(loader.apply(key));
            done = true;
            return value;
        } finally {
            if (!done) counters.failedLoads.increment();
        }
    }

    /** At least a millisecond. */
    private Duration jittered() {
        long jitter = settings.jitter().toMillis();
        long taken = jitter == 0 ? 0 : ThreadLocalRandom.current().nextLong(jitter + 1);
        return Duration.ofMillis(Math.max(1, settings.ttl().toMillis() - taken));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
