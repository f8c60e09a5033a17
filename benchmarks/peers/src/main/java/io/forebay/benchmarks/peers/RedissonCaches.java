package io.forebay.benchmarks.peers;

import io.forebay.benchmarks.CacheContender;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.redisson.Redisson;
import org.redisson.api.RMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.options.LocalCachedMapOptions;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/** Redisson's map in Redis, with and without its local cache. */
final class RedissonCaches {
    private RedissonCaches() {}

    /** With a local cache that is cleared at a reconnect, the setting that comes nearest to Forebay's. */
    public static final class Local extends RedissonCache {
        @Override
        RMap<String, String> map(RedissonClient redisson) {
            return redisson.getLocalCachedMap(LocalCachedMapOptions.<String, String>name("benchmark")
                    .codec(StringCodec.INSTANCE)
                    .cacheSize(1_000_000)
                    .reconnectionStrategy(LocalCachedMapOptions.ReconnectionStrategy.CLEAR)
                    .syncStrategy(LocalCachedMapOptions.SyncStrategy.INVALIDATE));
        }
    }

    /** Which asks Redis each time. */
    public static final class Remote extends RedissonCache {
        @Override
        RMap<String, String> map(RedissonClient redisson) {
            return redisson.getMap("benchmark", StringCodec.INSTANCE);
        }
    }

    private abstract static class RedissonCache implements CacheContender {
        private @Nullable RedissonClient redisson;
        private @Nullable RMap<String, String> map;

        abstract RMap<String, String> map(RedissonClient redisson);

        @Override
        public void open(int redisPort, int keys, String value) {
            Config config = new Config();
            config.useSingleServer().setAddress("redis://127.0.0.1:" + redisPort);
            redisson = Redisson.create(config);
            map = map(redisson);
            Map<String, String> values = new HashMap<>();
            for (int key = 0; key < keys; key++) values.put("user:" + key, value);
            map.putAll(values);
        }

        @Override
        public String get(int key) {
            return Objects.requireNonNull(Objects.requireNonNull(map).get("user:" + key));
        }

        @Override
        public void close() {
            Objects.requireNonNull(redisson).shutdown();
        }
    }
}
