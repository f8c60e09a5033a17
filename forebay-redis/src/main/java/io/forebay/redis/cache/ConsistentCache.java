package io.forebay.redis.cache;

import io.forebay.ForebayClosedException;
import io.forebay.redis.RedisAddress;
import io.forebay.redis.internal.RedisLink;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A read-through cache in two levels: near, in this process, over Redis 6.2 or newer. What was loaded before an invalidation is
 * not stored after it, in neither level; what may be stale because an invalidation may have been missed is let go of.
 *
 * <p>When {@link #invalidate} has returned, no read of any process is answered by Redis with what was loaded before, nor one of
 * this process; near caches of other processes follow as fast as Redis tells them. Values are shared by all who read them: they
 * must be immutable. Thread-safe.
 */
public final class ConsistentCache<V> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsistentCache.class);
    private static final int MOST_TAGS = 100;

    private final CacheSettings settings;
    private final CacheCodec<V> codec;
    private final NearPolicy nearPolicy;
    private final RedisLink link;
    private final CacheStore store;
    private final NearCache<V> near;
    private final ReadThrough<V> reads;
    private final CacheCounters counters = new CacheCounters();
    private final ScheduledExecutorService checks;
    private final AtomicBoolean closed = new AtomicBoolean();

    private ConsistentCache(Builder<V> builder, RedisLink link) {
        this.settings = builder.settings;
        this.codec = builder.codec;
        this.nearPolicy = builder.nearPolicy;
        this.link = link;
        this.store = new CacheStore(link, settings);
        this.near = new NearCache<>(
                nearPolicy.maxEntries(), nearPolicy.longestSilence(), longestOnTheWay(builder), System::nanoTime);
        this.reads = new ReadThrough<>(settings, codec, nearPolicy.ttl(), builder.loadPolicy, store, near, counters);
        this.checks = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "forebay-cache-" + settings.name());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** For how long a mark in the near cache may matter to a value. */
    private static Duration longestOnTheWay(Builder<?> builder) {
        return builder.nearPolicy
                .ttl()
                .plus(builder.loadPolicy.lease())
                .plus(builder.loadPolicy.patience())
                .plus(builder.settings.redis().timeout().multipliedBy(2));
    }

    /**
     * Begins with the defaults.
     *
     * @param settings the same in all processes
     * @param codec how values are written: {@link CacheCodec#json} if nothing speaks for another
     */
    public static <V> Builder<V> builder(CacheSettings settings, CacheCodec<V> codec) {
        return new Builder<>(settings, codec);
    }

    /** What a cache is opened with. */
    public static final class Builder<V> {
        private final CacheSettings settings;
        private final CacheCodec<V> codec;
        private NearPolicy nearPolicy = NearPolicy.DEFAULT;
        private LoadPolicy loadPolicy = LoadPolicy.DEFAULT;

        private Builder(CacheSettings settings, CacheCodec<V> codec) {
            this.settings = settings;
            this.codec = codec;
        }

        /** What is kept in this process; default {@link NearPolicy#DEFAULT}. */
        public Builder<V> near(NearPolicy policy) {
            this.nearPolicy = policy;
            return this;
        }

        /** How values are loaded; default {@link LoadPolicy#DEFAULT}. */
        public Builder<V> loading(LoadPolicy policy) {
            this.loadPolicy = policy;
            return this;
        }

        /**
         * Connects. The near cache serves values as soon as it hears of invalidations, a moment later.
         *
         * @throws IllegalArgumentException if keys should be tracked in a cluster
         * @throws CacheUnavailableException if Redis cannot be reached, or refuses what the cache needs
         */
        public ConsistentCache<V> open() {
            if (nearPolicy.hearing() == NearPolicy.Hearing.TRACKING
                    && settings.redis().address().kind() == RedisAddress.Kind.CLUSTER)
                throw new IllegalArgumentException("cache '" + settings.name()
                        + "': keys cannot be tracked in a cluster, use NearPolicy.Hearing.PUBLISH_SUBSCRIBE");
            RedisLink link = CacheStore.reaching(settings.name(), () -> RedisLink.open(settings.redis()));
            try {
                ConsistentCache<V> cache = new ConsistentCache<>(this, link);
                return CacheStore.reaching(settings.name(), cache::begin);
            } catch (RuntimeException e) {
                link.close();
                throw e;
            }
        }
    }

    /** Asks each shard once, so that a missing right is known at the start; then listens. */
    private ConsistentCache<V> begin() {
        CacheStore.await(store.said().thenApply(said -> null));
        NearChannel channel = nearPolicy.hearing() == NearPolicy.Hearing.TRACKING
                ? new TrackedChannel(link, store.keys(), new NearListener(), System::nanoTime)
                : new PublishedChannel(link, store, new NearListener(), System::nanoTime);
        long nanos = nearPolicy.heartbeat().toNanos();
        var unused = checks.scheduleWithFixedDelay(() -> check(channel), nanos, nanos, TimeUnit.NANOSECONDS);
        return this;
    }

    private void check(NearChannel channel) {
        try {
            channel.check();
            near.tidy();
        } catch (RuntimeException e) {
            LOG.warn("cache '{}': could not check whether an invalidation was missed", settings.name(), e);
        }
    }

    /** What the channel tells the near cache. */
    private final class NearListener implements NearChannel.Listener {
        @Override
        public void heard(Announcement what) {
            near.forget(what);
        }

        @Override
        public void lost(String reason) {
            near.close();
            counters.nearLost.increment();
            if (!closed.get()) LOG.info("cache '{}': the near cache is emptied: {}", settings.name(), reason);
        }

        @Override
        public void ready(long nanos) {
            near.open(nanos);
        }

        @Override
        public void confirmed(long nanos) {
            near.confirm(nanos);
        }
    }

    /**
     * The value if it is cached, or empty if not, or if it is known that there is none.
     *
     * @throws CacheUnavailableException if Redis does not answer and the policy is {@link LoadPolicy.WhenAway#FAIL}
     */
    public Optional<V> get(String key) {
        Known<V> held = held(key);
        return held == null ? reads.look(CacheKeys.checked("key", key)) : held.value();
    }

    /**
     * The value, loaded if it is not cached. Threads that ask for the same key at the same time share one call of a
     * loader, and what it returns or throws. Processes share it too: one loads, others wait for it; after
     * {@link LoadPolicy#patience} they load without storing.
     *
     * @param loader returns the value, or null if there is none, which is cached as well. What it throws is thrown here. It
     *     must not ask the cache for the same key
     * @return empty if there is no value
     * @throws CacheUnavailableException if Redis does not answer and the policy is {@link LoadPolicy.WhenAway#FAIL}
     */
    public Optional<V> get(String key, Function<? super String, ? extends @Nullable V> loader) {
        return get(key, Set.of(), loader);
    }

    /**
     * The same with tags, by which the value can be invalidated too.
     *
     * @param tags what is stored for a value that is loaded by this call; 100 at most
     */
    public Optional<V> get(String key, Set<String> tags, Function<? super String, ? extends @Nullable V> loader) {
        Known<V> held = held(key);
        return held == null ? reads.read(CacheKeys.checked("key", key), checked(key, tags), loader) : held.value();
    }

    private @Nullable Known<V> held(String key) {
        Known<V> held = near.get(key);
        if (held == null) requireOpen();
        else counters.nearHits.increment();
        return held;
    }

    private static Set<String> checked(String key, Set<String> tags) {
        if (tags.size() > MOST_TAGS)
            throw new IllegalArgumentException(
                    "a value can have %d tags, key '%s' has %d".formatted(MOST_TAGS, key, tags.size()));
        tags.forEach(tag -> CacheKeys.checked("tag", tag));
        return tags;
    }

    /**
     * Makes sure that what was loaded before is not served any more, and waits until Redis has it. To be called after the
     * change is committed.
     *
     * @throws CacheUnavailableException if that is not known: call it again
     */
    public void invalidate(String... keys) {
        invalidate(new HashSet<>(List.of(keys)), Set.of(), Set.of());
    }

    /**
     * The same for keys, tags and prefixes together.
     *
     * @param tags of values that were stored with one of them
     * @param prefixes of keys, ending with a colon; see {@link RedisInvalidations}
     */
    public void invalidate(Set<String> keys, Set<String> tags, Set<String> prefixes) {
        requireOpen();
        Announcement what = RedisInvalidations.announcement(keys, tags, prefixes);
        try {
            CacheStore.await(RedisInvalidations.invalidate(store, settings.name(), keys, tags, prefixes));
        } finally {
            near.forget(what); // after Redis, so that nothing older is read again; and if Redis cannot be reached
        }
    }

    /**
     * Makes sure that nothing that was loaded before is served any more.
     *
     * @param reason for the log
     * @throws CacheUnavailableException if that is not known: call it again
     */
    public void flush(String reason) {
        requireOpen();
        LOG.info("cache '{}' is flushed: {}", settings.name(), reason);
        try {
            CacheStore.await(store.flush());
        } finally {
            near.forget(Announcement.EVERYTHING);
        }
    }

    /** Whether the near cache hears of invalidations at this moment; if not, it serves nothing. */
    public boolean isNear() {
        return near.isOpen();
    }

    /** What was done so far. */
    public CacheStats stats() {
        return counters.stats();
    }

    /** Ends the connections. Loads that are under way come to their end, and are not stored. */
    @Override
    public void close() {
        if (closed.getAndSet(true)) return;
        checks.shutdownNow();
        near.close();
        link.close();
    }

    /** What is near at this moment, or null. */
    @Nullable
    Known<V> peekNear(String key) {
        return near.get(key);
    }

    /** What Redis holds at this moment, or null. */
    @Nullable
    Known<V> peekRedis(String key) {
        return store.peek(key) instanceof Found.Hit hit
                ? new Known<>(CacheStore.content(hit.payload()).map(codec::read))
                : null;
    }

    private void requireOpen() {
        if (closed.get()) throw new ForebayClosedException("cache '" + settings.name() + "' is closed", null);
    }
}
