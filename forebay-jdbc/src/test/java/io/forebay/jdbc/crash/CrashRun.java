package io.forebay.jdbc.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.Durability;
import io.forebay.testkit.crash.CrashAccount;
import io.forebay.testkit.crash.CrashHarness;
import io.forebay.testkit.crash.CrashReport;
import io.forebay.testkit.crash.CrashWorkload;
import io.forebay.testkit.crash.KillPoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import javax.sql.DataSource;

/** One database, one journal, and children that are killed on them, until the account is made up. */
final class CrashRun {
    private static final String RESULTS = System.getProperty("forebay.crash.results");
    private static final int MAX_OCCURRENCE = 40;

    private final long seed;
    private final Random random;
    private final DataSource dataSource;
    private final CrashWorkload workload;
    private final CrashHarness harness;

    CrashRun(String url, Path journal, long seed) {
        this(url, journal, seed, Durability.SYNCED);
    }

    CrashRun(String url, Path journal, long seed, Durability durability) {
        this.seed = seed;
        this.random = new Random(seed);
        this.dataSource = Databases.dataSource(url);
        this.workload = new CrashWorkload(seed, durability);
        this.harness = new CrashHarness(
                CrashMain.class, List.of(url, journal.toString(), Long.toString(seed), durability.name()));
        workload.createTables(dataSource);
    }

    void killAt(KillPoint.Stage stage) {
        harness.runUntil(new KillPoint(stage, 1 + random.nextInt(MAX_OCCURRENCE)));
        requireFlushed();
    }

    void killAtPointOrSomewhere() {
        harness.runAndKill(random);
        requireFlushed();
    }

    void end(Runnable meanwhile) {
        harness.runToEnd(meanwhile);
    }

    /** What was said to be in the database is there, before anybody has recovered anything. */
    private void requireFlushed() {
        require(workload.compareFlushed(dataSource, harness.account()));
    }

    /** Every row is as the acknowledged writes made it. */
    void requireExact() {
        CrashReport report = workload.compare(dataSource, harness.account());
        note(report);
        require(report);
    }

    private void note(CrashReport report) {
        System.out.println(summary(report));
        if (RESULTS == null) return;
        String line = "kills=%d acknowledged=%d lost=%d doubled=%d wrong=%d%n"
                .formatted(
                        harness.kills(),
                        harness.account().acknowledged(),
                        report.lost(),
                        report.doubled(),
                        report.wrong());
        try {
            Files.writeString(Path.of(RESULTS), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void require(CrashReport report) {
        assertThat(report.isExact())
                .as("%s%n%s", summary(report), harness.history())
                .isTrue();
    }

    private String summary(CrashReport report) {
        return "seed=%d kills=%d acknowledged=%d %s"
                .formatted(seed, harness.kills(), harness.account().acknowledged(), report);
    }

    CrashHarness harness() {
        return harness;
    }

    CrashAccount account() {
        return harness.account();
    }
}
