package io.forebay.cli.demo;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Durability;
import io.forebay.cli.CommandFailure;
import io.forebay.cli.torture.TortureWorker;
import io.forebay.testkit.crash.CrashHarness;
import io.forebay.testkit.crash.CrashReport;
import io.forebay.testkit.crash.CrashWorkload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Kills a process that writes, again and again, and counts what is left: the crash harness, on an H2 file. */
final class CrashDemo {
    private final Path directory;
    private final CrashWorkload workload;
    private final CrashHarness harness;

    CrashDemo(Path directory, int threads, long seed) {
        this.directory = directory;
        this.workload = new CrashWorkload(seed, Durability.SYNCED, threads);
        this.harness = new CrashHarness(
                TortureWorker.class,
                List.of(
                        "--jdbc-url",
                        DemoDatabase.url(directory),
                        "--journal",
                        directory.resolve("journal").toString(),
                        "--seed",
                        Long.toString(seed),
                        "--writers",
                        Integer.toString(threads)));
    }

    void createTables() {
        try (HikariDataSource dataSource = DemoDatabase.open(directory)) {
            workload.createTables(dataSource);
        }
    }

    /** Starts a process on the journal and the database, and kills it when so many writes are acknowledged; returns how many were. */
    long runAndKill(long writes) {
        long before = acknowledged();
        run(() -> harness.runUntilAcknowledged(writes));
        return acknowledged() - before;
    }

    /** Starts a process that recovers, writes a little more and ends in order; returns how long that took. */
    Duration runToEnd() {
        long start = System.nanoTime();
        run(harness::runToEnd);
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static void run(Runnable child) {
        try {
            child.run();
        } catch (IllegalStateException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()).strip(), e);
        }
    }

    long acknowledged() {
        return harness.account().acknowledged();
    }

    /** Reads the database without Forebay. */
    CrashReport compare() {
        try (HikariDataSource dataSource = DemoDatabase.open(directory)) {
            return workload.compare(dataSource, harness.account());
        }
    }
}
