package io.forebay.redis;

import io.forebay.state.SharedState;
import io.forebay.testkit.SharedStateContract;
import io.forebay.testservers.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A cluster refuses a script whose keys are not in one slot. */
class RedisClusterStateContractTest extends SharedStateContract {
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
    protected SharedState open() {
        server.command("FLUSHALL");
        return RedisState.open(RedisSettings.of("redis-cluster://127.0.0.1:" + server.port()));
    }
}
