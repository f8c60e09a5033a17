package io.forebay.redis.cache;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * How values are loaded. Immutable.
 *
 * @param negativeTtl how long it is remembered that there is nothing under a key; 0 to 30 days, default 30 s. 0 does not
 *     remember it
 * @param lease the longest load whose value is stored; 10 ms to 10 min, default 10 s. A process that dies while it loads keeps
 *     others from storing for no longer
 * @param patience how long to wait for a value that another process is loading, before it is loaded here too, and not stored; 0 to
 *     10 min, default 1 s
 * @param whenAway what a read does while Redis cannot be reached; default {@link WhenAway#LOAD}
 */
public record LoadPolicy(Duration negativeTtl, Duration lease, Duration patience, WhenAway whenAway) {
    private static final Duration LONGEST = Duration.ofMinutes(10); // before what is checked against it

    /** As the fields say. */
    public static final LoadPolicy DEFAULT =
            new LoadPolicy(Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofSeconds(1), WhenAway.LOAD);

    /** What a read does while Redis cannot be reached. Nothing stale is served either way. */
    public enum WhenAway {
        /** Calls the loader, without storing; a read without a loader finds nothing. */
        LOAD,
        /** Throws {@link CacheUnavailableException}, to spare the database. */
        FAIL
    }

    public LoadPolicy {
        List<String> problems = new ArrayList<>();
        if (negativeTtl.isNegative() || negativeTtl.compareTo(Duration.ofDays(30)) > 0)
            problems.add("negativeTtl must be at least 0 and at most 30 days, was " + negativeTtl);
        if (lease.compareTo(Duration.ofMillis(10)) < 0 || lease.compareTo(LONGEST) > 0)
            problems.add("lease must be at least 10 ms and at most 10 min, was " + lease);
        if (patience.isNegative() || patience.compareTo(LONGEST) > 0)
            problems.add("patience must be at least 0 and at most 10 min, was " + patience);
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }

    /** This policy with another time for which nothing is remembered to be there. */
    public LoadPolicy withNegativeTtl(Duration newNegativeTtl) {
        return new LoadPolicy(newNegativeTtl, lease, patience, whenAway);
    }

    /** This policy with another lease. */
    public LoadPolicy withLease(Duration newLease) {
        return new LoadPolicy(negativeTtl, newLease, patience, whenAway);
    }

    /** This policy with another patience. */
    public LoadPolicy withPatience(Duration newPatience) {
        return new LoadPolicy(negativeTtl, lease, newPatience, whenAway);
    }

    /** This policy with another behaviour while Redis cannot be reached. */
    public LoadPolicy withWhenAway(WhenAway newWhenAway) {
        return new LoadPolicy(negativeTtl, lease, patience, newWhenAway);
    }
}
