package io.forebay.redis.cache;

/**
 * What a {@link ConsistentCache} has done since it was opened.
 *
 * @param nearHits reads answered by this process
 * @param redisHits reads answered by Redis
 * @param joined reads that waited for another thread's
 * @param loads calls of a loader
 * @param failedLoads of these, those that threw
 * @param stored values that were loaded and stored
 * @param rejected values that were loaded and not stored, because something was invalidated meanwhile or the lease was over
 * @param unstored loads whose value was not to be stored: another process was loading, or an invalidation was just before
 * @param unavailable reads that Redis did not answer
 * @param unreadable values that the codec could not read
 * @param nearLost how often the near cache was emptied because it may have missed an invalidation
 */
public record CacheStats(
        long nearHits,
        long redisHits,
        long joined,
        long loads,
        long failedLoads,
        long stored,
        long rejected,
        long unstored,
        long unavailable,
        long unreadable,
        long nearLost) {}
