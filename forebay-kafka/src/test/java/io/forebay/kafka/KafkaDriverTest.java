package io.forebay.kafka;

import io.forebay.spi.Driver;
import io.forebay.testkit.DriverContract;
import io.forebay.testservers.KafkaServer;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** What every driver has to do, on a real broker. */
class KafkaDriverTest extends DriverContract {
    private static KafkaServer server;

    private final String prefix = "contract-" + UUID.randomUUID() + ".";

    @BeforeAll
    static void startServer() {
        server = KafkaServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    /** Deletes at once, as other drivers do, so that an older copy of the database is one that cannot be brought up to date. */
    @Override
    protected Driver driver() {
        return Drivers.quick(server).withPrefix(prefix).withKeepApplied(Duration.ZERO);
    }
}
