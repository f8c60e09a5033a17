package io.forebay.jdbc.crash;

import io.forebay.testservers.PostgresServer;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PostgreSQL with fsync. */
final class PostgresCrashTest extends ServerCrashContract {
    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static PostgresServer server;

    @BeforeAll
    static void start() {
        server = PostgresServer.create();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Override
    String freshDatabase() {
        String name = "crash_" + DATABASES.incrementAndGet();
        Databases.execute(server.dataSource(), "CREATE DATABASE " + name);
        return server.jdbcUrl().replace("/postgres?", "/" + name + "?");
    }

    /** As it is now, with what a recovery would still have to do; the server goes on for the next test. */
    @Override
    void keepDatabase(Path folder) {
        server.kill();
        server.copyDataDirectory(folder.resolve("postgresql"));
        server.start();
    }

    @Test
    @Override
    void what_is_acknowledged_as_journaled_survives_a_kill() {
        super.what_is_acknowledged_as_journaled_survives_a_kill();
    }

    @Test
    @Override
    void a_kill_at_any_stage_of_a_write_neither_loses_nor_doubles_it() {
        super.a_kill_at_any_stage_of_a_write_neither_loses_nor_doubles_it();
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
