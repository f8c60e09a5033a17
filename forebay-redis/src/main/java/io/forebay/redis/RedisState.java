package io.forebay.redis;

import io.forebay.ForebayClosedException;
import io.forebay.redis.internal.RedisAwayException;
import io.forebay.redis.internal.RedisLink;
import io.forebay.spi.JsonValue;
import io.forebay.spi.StateArguments;
import io.forebay.state.Lease;
import io.forebay.state.SharedState;
import io.forebay.state.SharedStateException;
import io.forebay.state.StateUnavailableException;
import io.forebay.state.Subscription;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.SetArgs;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * A {@link SharedState} in Redis 6.2 or newer: for all processes with the same address and prefix. It is as durable as that
 * Redis is; {@code docs/shared-state.md} says what this means for counters and leases.
 *
 * <p>A call is one command or one script, sent at most once and never repeated. Without a connection it is refused at
 * once; without an answer it ends after the timeout of the settings. A connection that was lost comes back by itself, with
 * its subscriptions. All listeners are called by one thread of this state, so a slow one delays the others.
 */
public final class RedisState implements SharedState {
    private final RedisLink link;
    private final RedisLeases leases;
    private final RedisChannels channels;
    private final AtomicBoolean closed = new AtomicBoolean();

    private RedisState(RedisLink link) {
        this.link = link;
        this.leases = new RedisLeases(link);
        this.channels = new RedisChannels(link);
    }

    /**
     * Connects.
     *
     * @throws StateUnavailableException if that does not succeed
     */
    public static RedisState open(RedisSettings settings) {
        return reaching(() -> {
            RedisLink link = RedisLink.open(settings);
            try {
                return new RedisState(link);
            } catch (RedisAwayException e) {
                link.close();
                throw e;
            }
        });
    }

    @Override
    public void set(String key, Object value) {
        byte[] name = key(key);
        byte[] bytes = JsonCodec.bytes(JsonValue.normal(value));
        call(key, "set", it -> it.set(name, bytes));
    }

    @Override
    public void set(String key, Object value, Duration ttl) {
        byte[] name = key(key);
        byte[] bytes = JsonCodec.bytes(JsonValue.normal(value));
        long millis = StateArguments.ttlMillis(ttl);
        call(key, "set", it -> it.set(name, bytes, SetArgs.Builder.px(millis)));
    }

    @Override
    public Optional<Object> get(String key) {
        byte[] name = key(key);
        return Optional.ofNullable(call(key, "get", it -> it.get(name))).map(bytes -> value(key, bytes));
    }

    @Override
    public boolean delete(String key) {
        byte[] name = key(key);
        return call(key, "delete", it -> it.del(name)) > 0;
    }

    @Override
    public long incrementBy(String key, long amount) {
        byte[] name = key(key);
        return count(key, "incrementBy", amount, it -> it.incrby(name, amount));
    }

    @Override
    public long decrementBy(String key, long amount) {
        byte[] name = key(key);
        StateArguments.decrement(key, amount);
        return count(key, "decrementBy", amount, it -> it.decrby(name, amount));
    }

    @Override
    public void putFields(String key, Map<String, ?> fields) {
        byte[] name = key(key);
        IdentityHashMap<byte[], byte[]> bytes = new IdentityHashMap<>();
        StateArguments.fields(key, fields)
                .forEach((field, value) -> bytes.put(field.getBytes(StandardCharsets.UTF_8), JsonCodec.bytes(value)));
        call(key, "putFields", it -> it.hset(name, bytes));
    }

    @Override
    public Map<String, Object> fields(String key) {
        byte[] name = key(key);
        Map<String, Object> fields = new TreeMap<>();
        call(key, "fields", it -> it.hgetall(name))
                .forEach((field, value) -> fields.put(new String(field, StandardCharsets.UTF_8), value(key, value)));
        return Collections.unmodifiableMap(fields);
    }

    @Override
    public long append(String key, Object... values) {
        byte[] name = key(key);
        byte[][] bytes = bytes(StateArguments.values("append", key, values));
        return call(key, "append", it -> it.rpush(name, bytes));
    }

    @Override
    public List<Object> range(String key, long from, long to) {
        byte[] name = key(key);
        return call(key, "range", it -> it.lrange(name, from, to)).stream()
                .map(bytes -> value(key, bytes))
                .toList();
    }

    @Override
    public long add(String key, Object... members) {
        byte[] name = key(key);
        byte[][] bytes = bytes(StateArguments.values("add", key, members));
        return call(key, "add", it -> it.sadd(name, bytes));
    }

    @Override
    public Set<Object> members(String key) {
        byte[] name = key(key);
        return call(key, "members", it -> it.smembers(name)).stream()
                .map(bytes -> value(key, bytes))
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public long remove(String key, Object... members) {
        byte[] name = key(key);
        byte[][] bytes = bytes(StateArguments.values("remove", key, members));
        return call(key, "remove", it -> it.srem(name, bytes));
    }

    @Override
    public Optional<Lease> tryAcquire(String name, Duration ttl) {
        StateArguments.name("lease", name);
        long millis = StateArguments.ttlMillis(ttl);
        return named("tryAcquire of lease '" + name + "'", () -> leases.acquire(name, millis))
                .map(token -> new RedisLease(name, token));
    }

    @Override
    public Subscription subscribe(String channel, Consumer<Object> listener) {
        StateArguments.name("channel", channel);
        return named("subscribe to channel '" + channel + "'", () -> channels.subscribe(channel, listener));
    }

    @Override
    public void publish(String channel, Object message) {
        StateArguments.name("channel", channel);
        byte[] bytes = JsonCodec.bytes(JsonValue.normal(message));
        named("publish to channel '" + channel + "'", () -> channels.publish(channel, bytes));
    }

    @Override
    public void close() {
        if (closed.getAndSet(true)) return;
        channels.close();
        link.close();
    }

    private byte[] key(String key) {
        return link.key("key:" + StateArguments.name("key", key));
    }

    private static byte[][] bytes(Collection<Object> values) {
        return values.stream().map(JsonCodec::bytes).toArray(byte[][]::new);
    }

    private static Object value(String key, byte[] bytes) {
        try {
            return JsonCodec.value(bytes);
        } catch (IllegalArgumentException e) {
            throw new SharedStateException(
                    "key '%s' holds something that is no JSON: %s".formatted(key, e.getMessage()), e);
        }
    }

    private void requireOpen() {
        if (closed.get()) throw new ForebayClosedException("this shared state is closed", null);
    }

    private static <T> T reaching(Supplier<T> work) {
        try {
            return work.get();
        } catch (RedisAwayException e) {
            throw new StateUnavailableException(String.valueOf(e.getMessage()), e.sent(), e);
        }
    }

    private <T> T call(
            String key, String asked, Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<T>> command) {
        requireOpen();
        return reaching(() -> {
            try {
                return link.call(command);
            } catch (RedisCommandExecutionException e) {
                throw RedisErrors.isWrongKind(e)
                        ? SharedStateException.wrongKind(key, kind(key), asked)
                        : RedisErrors.refused(asked + " of key '" + key + "'", e);
            }
        });
    }

    private long count(
            String key,
            String asked,
            long amount,
            Function<RedisClusterAsyncCommands<byte[], byte[]>, RedisFuture<Long>> command) {
        try {
            return call(key, asked, command);
        } catch (SharedStateException e) {
            if (RedisErrors.isOverflow(e.getCause())) throw SharedStateException.overflow(key, asked, amount);
            if (RedisErrors.isNoNumber(e.getCause())) throw SharedStateException.noCounter(key, asked);
            throw e;
        }
    }

    /** Asked after a refusal: it may have changed since. */
    private String kind(String key) {
        byte[] name = key(key);
        String type = named("type of key '" + key + "'", () -> link.call(it -> it.type(name)));
        return switch (type) {
            case "string" -> "a value";
            case "hash", "list", "set" -> "a " + type;
            default -> "something else (" + type + ")";
        };
    }

    private <T> T named(String what, Supplier<T> work) {
        requireOpen();
        return reaching(() -> {
            try {
                return work.get();
            } catch (RedisCommandExecutionException e) {
                throw RedisErrors.refused(what, e);
            }
        });
    }

    private final class RedisLease implements Lease {
        private final String name;
        private final long token;

        RedisLease(String name, long token) {
            this.name = name;
            this.token = token;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public long token() {
            return token;
        }

        @Override
        public boolean renew(Duration ttl) {
            long millis = StateArguments.ttlMillis(ttl);
            return named("renew of lease '" + name + "'", () -> leases.renew(name, token, millis));
        }

        @Override
        public boolean release() {
            return named("release of lease '" + name + "'", () -> leases.release(name, token));
        }
    }
}
