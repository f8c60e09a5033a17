package io.forebay.redis;

import io.forebay.state.SharedState;
import io.forebay.testkit.SharedStateContract;
import io.forebay.testservers.RedisServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisStateContractTest extends SharedStateContract {
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
    protected SharedState open() {
        server.command("FLUSHALL");
        return RedisState.open(RedisSettings.of(server.uri()));
    }
}
