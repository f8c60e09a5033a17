package io.forebay.cli.torture;

import io.forebay.testkit.crash.CrashHarness;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One run of the writing process after the other, each with what is done to it. Not thread-safe. */
final class Rounds {
    private static final int RESTART_OF = 3; // of so many rounds one has a restart, by chance
    private static final int WRITES_BETWEEN = 300;
    private static final Duration PATIENCE = Duration.ofSeconds(50);
    private static final int LOOK_MILLIS = 5;

    private final CrashHarness harness;
    private final boolean kills;
    private final Optional<Restarts> restarts;
    private final Runnable awaitDatabase;
    private final Random random;
    private int restarted;

    /** @param awaitDatabase returns when the database takes connections */
    Rounds(CrashHarness harness, Set<Fault> faults, Target target, Runnable awaitDatabase, long seed) {
        this.harness = harness;
        this.kills = faults.contains(Fault.KILL);
        this.restarts = faults.contains(Fault.DB_RESTART) ? target.restarts() : Optional.empty();
        this.awaitDatabase = awaitDatabase;
        this.random = new Random(seed);
    }

    /** How often the database was restarted. */
    int restarted() {
        return restarted;
    }

    /** Starts the process, does to it what this round is for, and returns when it has ended. */
    void next() {
        if (restarts.isPresent() && (!kills || random.nextInt(RESTART_OF) == 0)) restart(restarts.get());
        else if (kills) harness.runAndKill(random);
        else harness.runToEnd();
    }

    private void restart(Restarts database) {
        harness.runToEnd(() -> {
            awaitMoreWrites();
            database.restart();
            restarted++;
            awaitMoreWrites(); // on its journal, or in the database already
            awaitDatabase.run();
        });
    }

    private void awaitMoreWrites() {
        long enough = harness.account().acknowledged() + WRITES_BETWEEN;
        long start = System.nanoTime();
        while (harness.account().acknowledged() < enough) {
            if (System.nanoTime() - start > PATIENCE.toNanos())
                throw new IllegalStateException(
                        "the writing process was not acknowledged %d writes within %d s; so far: %s"
                                .formatted(WRITES_BETWEEN, PATIENCE.toSeconds(), harness.history()));
            pause();
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in a torture", e);
        }
    }
}
