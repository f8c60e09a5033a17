package io.forebay.redis;

import io.forebay.spi.Driver;
import io.forebay.testkit.DriverContract;
import io.forebay.testservers.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A cluster refuses a script whose keys are not in one slot. */
class RedisClusterDriverTest extends DriverContract {
    private static RedisServer server;

    @BeforeAll
    static void startServer() {
        server = RedisServer.createCluster();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @BeforeEach
    void emptyServer() {
        server.command("FLUSHALL");
    }

    @Override
    protected Driver driver() {
        return RedisDriver.at(RedisSettings.of("redis-cluster://127.0.0.1:" + server.port()));
    }
}
