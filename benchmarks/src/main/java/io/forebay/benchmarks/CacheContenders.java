package io.forebay.benchmarks;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.forebay.redis.RedisSettings;
import io.forebay.redis.cache.CacheCodec;
import io.forebay.redis.cache.CacheSettings;
import io.forebay.redis.cache.ConsistentCache;
import io.forebay.redis.cache.NearPolicy;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.sync.RedisCommands;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The consistent cache, and what it is made of. */
final class CacheContenders {
    private CacheContenders() {}

    private static String name(int key) {
        return "user:" + key;
    }

    /** A cache in the process alone: nobody else is told anything. */
    public static final class BareCaffeine implements CacheContender {
        private final Cache<String, String> values = Caffeine.newBuilder()
                .maximumSize(1_000_000)
                .expireAfterWrite(Duration.ofHours(1))
                .build();

        @Override
        public void open(int redisPort, int keys, String value) {
            for (int key = 0; key < keys; key++) values.put(name(key), value);
        }

        @Override
        public String get(int key) {
            return Objects.requireNonNull(values.getIfPresent(name(key)));
        }

        @Override
        public void close() {
            values.invalidateAll();
        }
    }

    /** {@code GET}, and nothing else. */
    public static final class BareRedis implements CacheContender {
        private @Nullable RedisClient client;
        private @Nullable RedisCommands<String, String> commands;

        @Override
        public void open(int redisPort, int keys, String value) {
            client = RedisClient.create("redis://127.0.0.1:" + redisPort);
            commands = client.connect().sync();
            for (int key = 0; key < keys; key++) commands.set(name(key), value);
        }

        @Override
        public String get(int key) {
            return Objects.requireNonNull(Objects.requireNonNull(commands).get(name(key)));
        }

        @Override
        public void close() {
            Objects.requireNonNull(client).shutdown();
        }
    }

    /** Forebay's, with values that are near. */
    public static final class ForebayNear extends ForebayCache {
        public ForebayNear() {
            super(1_000_000);
        }
    }

    /** Forebay's, which asks Redis each time. */
    public static final class ForebayFromRedis extends ForebayCache {
        public ForebayFromRedis() {
            super(0);
        }
    }

    private abstract static class ForebayCache implements CacheContender {
        private final long maxEntries;
        private @Nullable ConsistentCache<String> cache;

        ForebayCache(long maxEntries) {
            this.maxEntries = maxEntries;
        }

        @Override
        public void open(int redisPort, int keys, String value) {
            CacheSettings settings = CacheSettings.of(RedisSettings.of("redis://127.0.0.1:" + redisPort), "benchmark")
                    .withTtl(Duration.ofHours(1), Duration.ZERO);
            CacheCodec<String> text = CacheCodec.of(
                    it -> it.getBytes(StandardCharsets.UTF_8), it -> new String(it, StandardCharsets.UTF_8));
            cache = ConsistentCache.builder(settings, text)
                    .near(NearPolicy.DEFAULT.withMaxEntries(maxEntries).withTtl(Duration.ofHours(1)))
                    .open();
            while (!cache.isNear()) Thread.onSpinWait();
            for (int key = 0; key < keys; key++) cache.get(name(key), it -> value);
        }

        @Override
        public String get(int key) {
            return Objects.requireNonNull(cache).get(name(key)).orElseThrow();
        }

        @Override
        public void close() {
            Objects.requireNonNull(cache).close();
        }
    }
}
