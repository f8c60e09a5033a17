package io.forebay.redis;

import io.forebay.redis.internal.RedisAwayException;
import io.forebay.redis.internal.RedisLink;
import io.forebay.spi.Driver;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.TransientSinkException;
import java.time.Duration;
import java.util.List;

/**
 * Keeps the pending writes of a buffer in Redis 6.2 or newer, for all processes with the same address, prefix and name of
 * the database. An acknowledged write is as durable as that Redis is; what Redis loses is reported, see {@link GapListener}
 * and {@code docs/redis-driver.md}. Immutable; one object may open several buffers.
 */
public final class RedisDriver implements Driver {
    private static final Duration SHORTEST_LEASE = Duration.ofMillis(300);
    private static final Duration LONGEST_LEASE = Duration.ofMinutes(10);

    /** What the user of Redis has to be allowed, on keys that begin with the prefix; in lower case. */
    static final List<String> COMMANDS = List.of(
            "ping",
            "hello",
            "client",
            "info",
            "time",
            "eval",
            "evalsha",
            "hset",
            "hget",
            "hmget",
            "hexists",
            "hgetall",
            "hincrby",
            "hdel",
            "zadd",
            "zscore",
            "zrange",
            "zrevrange",
            "zrangebyscore",
            "zremrangebyscore",
            "zrem",
            "rpush",
            "lrange",
            "set",
            "get",
            "pexpire",
            "del",
            "unlink");

    private final Options options;

    /** What happens to new writes while Redis is away. */
    public enum WhenAway {
        /** They are kept in memory until the buffer is full, which blocks or refuses by its policy; the default. */
        WAIT,
        /** They are refused with a {@link io.forebay.JournalWriteException}. */
        FAIL
    }

    /**
     * Windows that this process was told were in Redis, and that Redis does not know any more: it came back older than it
     * was. Those that the database had received before are there; the others are lost.
     *
     * @param database name of the database within its {@link io.forebay.Forebay}
     * @param partition number of the partition
     * @param first number of the first lost window among those this process wrote to the partition
     * @param last number of the last one
     */
    public record Gap(String database, int partition, long first, long last) {}

    /** Told of each gap once, after it was logged as an error. Must not block; what it throws is logged. */
    @FunctionalInterface
    public interface GapListener {
        void lost(Gap gap);
    }

    /** All that can be chosen. */
    record Options(
            RedisSettings settings, WhenAway whenAway, Duration lease, boolean checksEviction, GapListener gaps) {}

    private RedisDriver(Options options) {
        this.options = options;
    }

    /** A driver with the defaults: it waits while Redis is away, and leases of partitions end after 3 s. */
    public static RedisDriver at(RedisSettings settings) {
        return new RedisDriver(new Options(settings, WhenAway.WAIT, Duration.ofSeconds(3), true, gap -> {}));
    }

    /** This driver with another answer to a Redis that is away. */
    public RedisDriver withWhenAway(WhenAway whenAway) {
        return new RedisDriver(
                new Options(options.settings(), whenAway, options.lease(), options.checksEviction(), options.gaps()));
    }

    /**
     * This driver with another time after which the partitions of a process that died are flushed by others.
     *
     * @param lease 300 ms to 10 min, default 3 s
     */
    public RedisDriver withLease(Duration lease) {
        if (lease.compareTo(SHORTEST_LEASE) < 0 || lease.compareTo(LONGEST_LEASE) > 0)
            throw new IllegalArgumentException("lease must be at least 300 ms and at most 10 min, was " + lease);
        return new RedisDriver(
                new Options(options.settings(), options.whenAway(), lease, options.checksEviction(), options.gaps()));
    }

    /** This driver for a Redis that does not tell its maxmemory-policy: somebody has made sure that it is noeviction. */
    public RedisDriver withoutEvictionCheck() {
        return new RedisDriver(
                new Options(options.settings(), options.whenAway(), options.lease(), false, options.gaps()));
    }

    /** This driver with somebody to tell of what Redis has lost. */
    public RedisDriver onGap(GapListener listener) {
        return new RedisDriver(new Options(
                options.settings(), options.whenAway(), options.lease(), options.checksEviction(), listener));
    }

    /**
     * {@inheritDoc}
     *
     * @throws TransientSinkException if Redis cannot be reached
     * @throws IllegalStateException if its buffer has another number of partitions or another format, if it may evict
     *     keys, or if its user lacks a permission
     */
    @Override
    public SharedJournal open(Settings settings) {
        try {
            RedisLink link = RedisLink.open(options.settings());
            try {
                return RedisJournal.open(link, options, settings);
            } catch (RuntimeException e) {
                link.close();
                throw e;
            }
        } catch (RedisAwayException e) {
            throw new TransientSinkException(String.valueOf(e.getMessage()), e);
        }
    }
}
