package io.forebay.jdbc.crash;

import io.forebay.testservers.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** PostgreSQL with fsync. */
final class PostgresCrashTest extends CrashContract {
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
    void a_database_that_is_killed_under_load_loses_nothing_and_refuses_nothing() {
        CrashRun run = new CrashRun(freshDatabase(), folder.resolve("journal"), seed());

        run.end(() -> {
            awaitMoreWrites(run, 500);
            server.kill();
            awaitMoreWrites(run, 500);
            server.start();
            awaitMoreWrites(run, 500);
        });

        run.requireExact();
    }

    private static void awaitMoreWrites(CrashRun run, int number) {
        long before = run.account().acknowledged();
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> run.account().acknowledged() > before + number);
    }
}
