package io.forebay.mongodb.crash;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.forebay.testkit.crash.KillPoint;
import io.forebay.testservers.FerretDbServer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A server of its own process, without transactions. */
class FerretDbCrashTest extends MongoCrashContract {
    private static FerretDbServer server;

    @BeforeAll
    static void startServer() {
        assumeTrue(
                FerretDbServer.problem().isEmpty(),
                () -> FerretDbServer.problem().orElseThrow());
        server = FerretDbServer.create();
    }

    @AfterAll
    static void stopServer() {
        if (server != null) server.close();
    }

    @Override
    String uri() {
        return server.uri();
    }

    @Test
    @Tag("slow")
    void a_server_that_is_killed_and_started_again_neither_loses_nor_doubles_a_write() {
        killAt(KillPoint.Stage.MID_BATCH);
        harness.runToEnd(server::restart);

        requireExact();
    }
}
