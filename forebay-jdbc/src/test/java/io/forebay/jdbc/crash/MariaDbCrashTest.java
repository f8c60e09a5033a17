package io.forebay.jdbc.crash;

import io.forebay.testservers.MariaDbServer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** MariaDB with durable commits. */
final class MariaDbCrashTest extends ServerCrashContract {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static MariaDbServer server;

    @BeforeAll
    static void start() {
        server = MariaDbServer.create();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    String freshDatabase() {
        String name = "crash_" + DATABASES.incrementAndGet();
        server.createDatabase(name);
        return server.jdbcUrl(name);
    }

    /** As it is now, with what a recovery would still have to do; the server goes on for the next test. */
    @Override
    void keepDatabase(Path folder) {
        server.kill();
        server.copyDataDirectory(folder.resolve("mariadb"));
        server.start();
    }

    @Override
    void killServer() {
        server.kill();
    }

    @Override
    void startServer() {
        server.start();
    }
}
