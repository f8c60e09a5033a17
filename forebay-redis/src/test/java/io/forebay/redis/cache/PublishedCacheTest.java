package io.forebay.redis.cache;

import io.forebay.redis.RedisSettings;
import io.forebay.testservers.RedisServer;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Near caches hear by publish and subscribe. */
class PublishedCacheTest extends ConsistentCacheContract {
    private static RedisServer server;

    @BeforeAll
    static void startServer() {
        server = RedisServer.create();
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
        return RedisSettings.of("redis://127.0.0.1:" + server.port());
    }

    @Override
    NearPolicy near() {
        return NearPolicy.DEFAULT
                .withHearing(NearPolicy.Hearing.PUBLISH_SUBSCRIBE)
                .withHeartbeat(Duration.ofMillis(100));
    }
}
