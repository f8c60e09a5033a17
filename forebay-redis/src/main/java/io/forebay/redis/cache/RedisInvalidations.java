package io.forebay.redis.cache;

import io.forebay.redis.internal.RedisLink;
import io.forebay.spi.InvalidationTarget;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a {@link ConsistentCache} in Redis, and by it the near caches of all processes, what has changed. It needs no cache in
 * its own process. A batch is one script for each shard that it touches; batches of one caller are carried out in order.
 *
 * <p>Prefixes end with a colon: of one that does not, what follows its last colon is left out, so that more is invalidated than
 * was asked for; one without a colon is the whole cache. Thread-safe.
 */
public final class RedisInvalidations implements InvalidationTarget {
    private static final Logger LOG = LoggerFactory.getLogger(RedisInvalidations.class);

    private final RedisLink link;
    private final CacheStore store;
    private final String name;

    private RedisInvalidations(RedisLink link, CacheSettings settings) {
        this.link = link;
        this.store = new CacheStore(link, settings);
        this.name = settings.name();
    }

    /**
     * Connects.
     *
     * @param settings the same as those of the cache
     * @throws CacheUnavailableException if that does not succeed
     */
    public static RedisInvalidations open(CacheSettings settings) {
        RedisLink link = CacheStore.reaching(settings.name(), () -> RedisLink.open(settings.redis()));
        return new RedisInvalidations(link, settings);
    }

    @Override
    public CompletionStage<Void> invalidate(Set<String> keys, Set<String> tags, Set<String> prefixes) {
        return invalidate(store, name, keys, tags, prefixes);
    }

    /** The same for whoever has a store. */
    static CompletableFuture<Void> invalidate(
            CacheStore store, String name, Set<String> keys, Set<String> tags, Set<String> prefixes) {
        Announcement what = announcement(keys, tags, prefixes);
        if (!what.everything()) return store.invalidate(what);
        LOG.info("cache '{}' is flushed: a prefix without a colon was invalidated", name);
        return store.flush();
    }

    /** @throws IllegalArgumentException if a key or tag is none */
    static Announcement announcement(Set<String> keys, Set<String> tags, Set<String> prefixes) {
        keys.forEach(key -> CacheKeys.checked("key", key));
        tags.forEach(tag -> CacheKeys.checked("tag", tag));
        Set<String> widened = CacheKeys.widened(prefixes);
        return widened.contains("") ? Announcement.EVERYTHING : Announcement.of(keys, tags, widened);
    }

    /**
     * {@inheritDoc}
     *
     * <p>What is stored keeps the tags of the value in whose place it comes, and has none if there is none. Nothing is stored within
     * the grace after an invalidation, because the change may be older than that. A fence is remembered for the time to live of
     * a value, at least for an hour.
     *
     * @param value as the cache's codec writes it
     */
    @Override
    public CompletionStage<Void> refresh(String key, byte[] value, long fence) {
        CacheKeys.checked("key", key);
        return store.refresh(key, CacheStore.payload(Optional.of(value)), fence);
    }

    @Override
    public CompletionStage<Void> flush(String reason) {
        LOG.warn("cache '{}' is flushed: {}", name, reason);
        return store.flush();
    }

    @Override
    public void close() {
        link.close();
    }
}
