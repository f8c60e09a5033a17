package io.forebay.cli.torture;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Durability;
import io.forebay.cli.CommandFailure;
import io.forebay.cli.DatabaseOptions;
import io.forebay.cli.Main;
import io.forebay.cli.Progress;
import io.forebay.testkit.crash.CrashHarness;
import io.forebay.testkit.crash.CrashReport;
import io.forebay.testkit.crash.CrashWorkload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The crash test, on a database of the user's. */
@Command(
        name = "torture",
        description =
                "Write increments, updates, inserts and deletes from many threads of a process of its own, kill it "
                        + "(SIGKILL) again and again, cut its connections, and compare the database row by row with what was "
                        + "acknowledged. Makes the tables crash_row, crash_audit and crash_hot, and drops them if all is well. "
                        + "Exit code 0 only if nothing is lost, doubled or wrong.",
        footer = {
            "",
            "Examples:",
            "  forebay torture                         20 kills on an H2 file",
            "  forebay torture --kills 1000 --seed 7 --writers 8 \\",
            "      --jdbc-url jdbc:postgresql://localhost:5432/scratch --user me",
            "",
            "Give it a database of its own. The seed repeats what is written and when it",
            "is killed; how threads meet is up to the machine."
        })
public final class TortureCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Option(names = "--kills", paramLabel = "N", description = "How often to kill the process (${DEFAULT-VALUE}).")
    private int kills = 20;

    @Option(names = "--seconds", paramLabel = "S", description = "Stop earlier, when so many seconds are over.")
    private @Nullable Integer seconds;

    @Option(names = "--writers", paramLabel = "W", description = "Threads that write in it (${DEFAULT-VALUE}).")
    private int writers = 3;

    @Option(names = "--seed", paramLabel = "X", description = "Seed of the random numbers (a new one each time).")
    private long seed = System.nanoTime() >>> 10;

    @Option(
            names = "--faults",
            paramLabel = "LIST",
            description =
                    "What to do to it, with commas between: kill, connection-cut (both). Without kill it is ended "
                            + "in order and started again.")
    private String faults = "kill,connection-cut";

    @Override
    public Integer call() throws IOException {
        Set<Fault> chosen = check();
        Path directory = Files.createTempDirectory("forebay-torture");
        String url = database.jdbcUrl()
                .orElse("jdbc:h2:file:" + directory.resolve("db") + ";WRITE_DELAY=0;TRACE_LEVEL_FILE=0");
        CrashWorkload workload = new CrashWorkload(seed, Durability.SYNCED, writers);
        CrashHarness harness = new CrashHarness(
                TortureWorker.class, arguments(url, directory.resolve("journal"), chosen), database.environment());
        out().printf("seed %d, %d writers, faults: %s; journal in %s%n", seed, writers, names(chosen), directory);
        out().flush();

        CrashReport report = run(url, workload, harness, chosen);
        report.examples().forEach(out()::println);
        if (report.isExact()) delete(directory);
        else out().println("Tables and journal are left as they are. The journal: " + directory.resolve("journal"));
        out().printf(
                        "acknowledged=%d applied=%d lost=%d doubled=%d wrong=%d%n",
                        harness.account().acknowledged(),
                        report.applied(),
                        report.lost(),
                        report.doubled(),
                        report.wrong());
        return report.isExact() ? 0 : Main.FAILED;
    }

    private Set<Fault> check() {
        requireAtLeastOne("--kills", kills);
        if (seconds != null) requireAtLeastOne("--seconds", seconds);
        requireAtLeastOne("--writers", writers);
        if (writers > CrashWorkload.MAX_WRITERS)
            throw misused("--writers must be at most %d, was %d".formatted(CrashWorkload.MAX_WRITERS, writers));
        try {
            return Fault.parse(faults);
        } catch (IllegalArgumentException e) {
            throw misused("--faults: " + e.getMessage());
        }
    }

    private void requireAtLeastOne(String option, int value) {
        if (value < 1) throw misused(option + " must be at least 1, was " + value);
    }

    private ParameterException misused(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private List<String> arguments(String url, Path journal, Set<Fault> chosen) {
        List<String> arguments = new ArrayList<>(database.arguments(url));
        arguments.addAll(List.of("--journal", journal.toString()));
        arguments.addAll(List.of("--seed", Long.toString(seed), "--writers", Integer.toString(writers)));
        if (chosen.contains(Fault.CONNECTION_CUT)) arguments.add("--cut");
        return arguments;
    }

    private static String names(Set<Fault> chosen) {
        return chosen.stream().map(Fault::toString).collect(Collectors.joining(", "));
    }

    private CrashReport run(String url, CrashWorkload workload, CrashHarness harness, Set<Fault> chosen) {
        try {
            on(url, dataSource -> createTables(workload, dataSource));
            CrashReport early = killAndLook(url, workload, harness, chosen);
            if (!early.isExact()) return early;
            harness.runToEnd();
            return on(url, dataSource -> {
                CrashReport report = workload.compare(dataSource, harness.account());
                if (report.isExact()) workload.dropTables(dataSource);
                return report;
            });
        } catch (IllegalStateException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()).strip(), e);
        }
    }

    private static CrashReport createTables(CrashWorkload workload, HikariDataSource dataSource) {
        workload.createTables(dataSource);
        return CrashReport.NOTHING;
    }

    /** What was acknowledged as flushed must be there after each kill, before anything is recovered. */
    private CrashReport killAndLook(String url, CrashWorkload workload, CrashHarness harness, Set<Fault> chosen) {
        Random random = new Random(seed);
        long start = System.nanoTime();
        CrashReport found = CrashReport.NOTHING;
        try (Progress progress = Progress.start(err(), "torture", "kills", kills)) {
            for (int kill = 1; kill <= kills && !isOver(start) && found.isExact(); kill++) {
                if (chosen.contains(Fault.KILL)) harness.runAndKill(random);
                else harness.runToEnd();
                found = on(url, dataSource -> workload.compareFlushed(dataSource, harness.account()));
                progress.to(kill);
            }
        }
        return found;
    }

    private boolean isOver(long startNanos) {
        return seconds != null
                && System.nanoTime() - startNanos > Duration.ofSeconds(seconds).toNanos();
    }

    private interface Look {
        CrashReport at(HikariDataSource dataSource);
    }

    /** Connects for a moment only: a file of H2 belongs to one process at a time. */
    private CrashReport on(String url, Look look) {
        try (HikariDataSource dataSource = database.connect(url)) {
            return look.at(dataSource);
        }
    }

    private void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
