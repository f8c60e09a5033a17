package io.forebay.redis;

import io.forebay.redis.internal.RedisLink;
import io.forebay.redis.internal.Script;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Leases: a key with the holder's token, which ends with the lease, and one with the highest token so far, which outlives
 * it. Both are in one slot.
 */
final class RedisLeases {
    /**
     * A token is one more than the last, and no less than the server's clock in microseconds: it also grows if Redis has
     * lost the last one, as long as nobody sets the clock back.
     */
    private static final Script ACQUIRE = Script.of("""
            if redis.call('EXISTS', KEYS[1]) == 1 then return false end
            local time = redis.call('TIME')
            local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
            local last = tonumber(redis.call('GET', KEYS[2]) or '0')
            local token = string.format('%.0f', math.max(last + 1, now))
            redis.call('SET', KEYS[2], token, 'PX', ARGV[2])
            redis.call('SET', KEYS[1], token, 'PX', ARGV[1])
            return tonumber(token)
            """);

    private static final Script RENEW = Script.of("""
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            return redis.call('PEXPIRE', KEYS[1], ARGV[2])
            """);

    private static final Script RELEASE = Script.of("""
            if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
            return redis.call('DEL', KEYS[1])
            """);

    /** How long the last token is kept after its lease; from then on the clock alone makes tokens grow. */
    private static final long TOKEN_MILLIS = Duration.ofDays(30).toMillis();

    private final RedisLink link;

    RedisLeases(RedisLink link) {
        this.link = link;
    }

    /** Returns the token, empty if someone has the lease. */
    Optional<Long> acquire(String name, long ttlMillis) {
        @Nullable
        Long token = link.number(
                ACQUIRE,
                List.of(lease(name), lastToken(name)),
                List.of(bytes(ttlMillis), bytes(ttlMillis + TOKEN_MILLIS)));
        return Optional.ofNullable(token);
    }

    boolean renew(String name, long token, long ttlMillis) {
        return isOne(link.number(RENEW, List.of(lease(name)), List.of(bytes(token), bytes(ttlMillis))));
    }

    boolean release(String name, long token) {
        return isOne(link.number(RELEASE, List.of(lease(name)), List.of(bytes(token))));
    }

    private static boolean isOne(@Nullable Long changed) {
        return changed != null && changed == 1;
    }

    /** What stands in the braces decides on the slot; it is never empty, and the same for both keys whatever the name. */
    private byte[] lease(String name) {
        return link.key("{lease:" + name + "}");
    }

    private byte[] lastToken(String name) {
        return link.key("{lease:" + name + "}:token");
    }

    private static byte[] bytes(long number) {
        return Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    }
}
