package io.forebay.redis.cache;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.redis.RedisSettings;
import io.forebay.testservers.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A cluster refuses a script whose keys are not in one slot. */
class ClusterCacheTest extends ConsistentCacheContract {
    private static RedisServer server;

    @BeforeAll
    static void startServer() {
        server = RedisServer.createCluster();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @Override
    RedisServer server() {
        return server;
    }

    @Override
    RedisSettings redis() {
        return RedisSettings.of("redis-cluster://127.0.0.1:" + server.port());
    }

    @Override
    NearPolicy near() {
        return NearPolicy.DEFAULT
                .withHearing(NearPolicy.Hearing.PUBLISH_SUBSCRIBE)
                .withHeartbeat(Duration.ofMillis(100));
    }

    @Test
    void keys_cannot_be_tracked_in_a_cluster() {
        assertThatThrownBy(() -> ConsistentCache.builder(CacheSettings.of(redis(), "users"), CacheCodec.bytes())
                        .near(NearPolicy.DEFAULT.withHearing(NearPolicy.Hearing.TRACKING))
                        .open())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cache 'users'")
                .hasMessageContaining("PUBLISH_SUBSCRIBE");
    }
}
