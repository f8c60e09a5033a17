package io.forebay.redis.cache;

import io.forebay.redis.RedisSettings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What all processes that read, fill or invalidate one cache should agree on. Immutable.
 *
 * @param redis where the cache's second level is
 * @param name of the cache, one to 200 characters without braces: caches with different names share nothing
 * @param ttl how long a value lives; 1 ms to 30 days, default 10 min
 * @param jitter by how much less it may be, at random, so that what was stored together does not expire together; at most the
 *     ttl, default 1 min
 * @param grace for how long after an invalidation a load may still read what was before it, as from a replica that lags: what
 *     is loaded meanwhile is returned and not stored; 0 to 1 h, default 500 ms
 */
public record CacheSettings(RedisSettings redis, String name, Duration ttl, Duration jitter, Duration grace) {
    private static final int LONGEST_NAME = 200;
    private static final Duration LONGEST_TTL = Duration.ofDays(30);
    private static final Duration LONGEST_GRACE = Duration.ofHours(1);

    public CacheSettings {
        List<String> problems = new ArrayList<>();
        if (name.isBlank() || name.length() > LONGEST_NAME || name.indexOf('{') >= 0 || name.indexOf('}') >= 0)
            problems.add("name must have 1 to 200 characters and no braces, was '" + name + "'");
        if (ttl.compareTo(Duration.ofMillis(1)) < 0 || ttl.compareTo(LONGEST_TTL) > 0)
            problems.add("ttl must be at least 1 ms and at most 30 days, was " + ttl);
        if (jitter.isNegative() || jitter.compareTo(ttl) > 0)
            problems.add("jitter must be at least 0 and at most the ttl of " + ttl + ", was " + jitter);
        if (grace.isNegative() || grace.compareTo(LONGEST_GRACE) > 0)
            problems.add("grace must be at least 0 and at most 1 h, was " + grace);
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }

    /** The defaults for a cache. */
    public static CacheSettings of(RedisSettings redis, String name) {
        return new CacheSettings(redis, name, Duration.ofMinutes(10), Duration.ofMinutes(1), Duration.ofMillis(500));
    }

    /** These settings with another time to live, of which at most {@code newJitter} is taken off. */
    public CacheSettings withTtl(Duration newTtl, Duration newJitter) {
        return new CacheSettings(redis, name, newTtl, newJitter, grace);
    }

    /** These settings with another grace. */
    public CacheSettings withGrace(Duration newGrace) {
        return new CacheSettings(redis, name, ttl, jitter, newGrace);
    }
}
