package io.forebay.redis.cache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a process keeps near, and how it hears that it must let go of it. Immutable.
 *
 * @param maxEntries how many values are kept; 0 to 100 million, default 10,000. 0 keeps none
 * @param ttl how long at most, whatever Redis says; 1 ms to 1 h, default 1 min
 * @param hearing how invalidations are heard of; default {@link Hearing#PUBLISH_SUBSCRIBE}
 * @param heartbeat how often it is made sure that nothing was missed; 10 ms to 1 min, default 1 s. Values are served for at most
 *     five of these after it was last sure
 */
public record NearPolicy(long maxEntries, Duration ttl, Hearing hearing, Duration heartbeat) {
    /** 10,000 values for one minute. */
    public static final NearPolicy DEFAULT =
            new NearPolicy(10_000, Duration.ofMinutes(1), Hearing.PUBLISH_SUBSCRIBE, Duration.ofSeconds(1));

    private static final long MOST_ENTRIES = 100_000_000;

    /** By which of Redis's ways a near cache hears of invalidations. */
    public enum Hearing {
        /** Numbered messages on one channel. What is deleted by hand in Redis stays near for its time. */
        PUBLISH_SUBSCRIBE,
        /**
         * Redis tracks the keys (RESP3, broadcast by prefix) and tells also of what expires, is evicted or deleted by hand.
         * Fills are told as well, so a value is near from its second read on. Not with a cluster.
         */
        TRACKING
    }

    public NearPolicy {
        List<String> problems = new ArrayList<>();
        if (maxEntries < 0 || maxEntries > MOST_ENTRIES)
            problems.add("maxEntries must be 0 to " + MOST_ENTRIES + ", was " + maxEntries);
        if (ttl.compareTo(Duration.ofMillis(1)) < 0 || ttl.compareTo(Duration.ofHours(1)) > 0)
            problems.add("ttl must be at least 1 ms and at most 1 h, was " + ttl);
        if (heartbeat.compareTo(Duration.ofMillis(10)) < 0 || heartbeat.compareTo(Duration.ofMinutes(1)) > 0)
            problems.add("heartbeat must be at least 10 ms and at most 1 min, was " + heartbeat);
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }

    /** This policy with another number of values. */
    public NearPolicy withMaxEntries(long newMaxEntries) {
        return new NearPolicy(newMaxEntries, ttl, hearing, heartbeat);
    }

    /** This policy with another time to live. */
    public NearPolicy withTtl(Duration newTtl) {
        return new NearPolicy(maxEntries, newTtl, hearing, heartbeat);
    }

    /** This policy with another way to hear. */
    public NearPolicy withHearing(Hearing newHearing) {
        return new NearPolicy(maxEntries, ttl, newHearing, heartbeat);
    }

    /** This policy with another heartbeat. */
    public NearPolicy withHeartbeat(Duration newHeartbeat) {
        return new NearPolicy(maxEntries, ttl, hearing, newHeartbeat);
    }

    /** For how long values are served after it was last sure that nothing was missed. */
    Duration longestSilence() {
        return heartbeat.multipliedBy(5);
    }
}
