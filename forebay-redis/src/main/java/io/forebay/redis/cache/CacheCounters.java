package io.forebay.redis.cache;

import java.util.concurrent.atomic.LongAdder;

/** What is counted for {@link CacheStats}. Thread-safe. */
final class CacheCounters {
    final LongAdder nearHits = new LongAdder();
    final LongAdder redisHits = new LongAdder();
    final LongAdder joined = new LongAdder();
    final LongAdder loads = new LongAdder();
    final LongAdder failedLoads = new LongAdder();
    final LongAdder stored = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder unstored = new LongAdder();
    final LongAdder unavailable = new LongAdder();
    final LongAdder unreadable = new LongAdder();
    final LongAdder nearLost = new LongAdder();

    CacheStats stats() {
        return new CacheStats(
                nearHits.sum(),
                redisHits.sum(),
                joined.sum(),
                loads.sum(),
                failedLoads.sum(),
                stored.sum(),
                rejected.sum(),
                unstored.sum(),
                unavailable.sum(),
                unreadable.sum(),
                nearLost.sum());
    }
}
