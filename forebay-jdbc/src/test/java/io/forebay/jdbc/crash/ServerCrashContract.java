package io.forebay.jdbc.crash;

import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A database that is a process of its own is killed as well. */
abstract class ServerCrashContract extends CrashContract {
    abstract void killServer();

    abstract void startServer();

    @Test
    void a_database_that_is_killed_under_load_loses_nothing_and_refuses_nothing() {
        CrashRun run = new CrashRun(freshDatabase(), folder.resolve("journal"), seed());

        run.end(() -> {
            awaitMoreWrites(run, 500);
            killServer();
            awaitMoreWrites(run, 500);
            startServer();
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
