package io.forebay.cli.torture;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Durability;
import io.forebay.cli.CommandFailure;
import io.forebay.cli.DatabaseOptions;
import io.forebay.cli.Main;
import io.forebay.cli.Progress;
import io.forebay.testkit.crash.CrashAccount;
import io.forebay.testkit.crash.CrashCluster;
import io.forebay.testkit.crash.CrashHarness;
import io.forebay.testkit.crash.CrashReport;
import io.forebay.testkit.crash.CrashWorkload;
import io.forebay.testkit.crash.SharedCrashProgram;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
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
                        + "(SIGKILL) again and again, cut its connections, restart its database, fill its disk, and compare the "
                        + "database row by row with what was acknowledged. Makes the tables crash_row, crash_audit and crash_hot, and drops them if all is well. "
                        + "Exit code 0 only if nothing is lost, doubled or wrong.",
        footer = {
            "",
            "Examples:",
            "  forebay torture                         20 kills on an H2 file",
            "  forebay torture --faults kill,connection-cut,db-restart,disk-full",
            "  forebay torture --kills 1000 --seed 7 --writers 8 \\",
            "      --jdbc-url jdbc:postgresql://localhost:5432/scratch --user me",
            "  forebay torture --faults kill,db-restart --restart-command 'docker restart -t 0 db' \\",
            "      --jdbc-url jdbc:mariadb://localhost:3306/scratch --user me",
            "  forebay torture --driver redis --address redis://localhost:6379 --faults kill,journal-restart \\",
            "      --journal-restart-command 'docker restart -t 0 redis' \\",
            "      --jdbc-url jdbc:postgresql://localhost:5432/scratch --user me",
            "",
            "Give it a database of its own. The seed repeats what is written and when it",
            "is killed; how threads meet is up to the machine."
        })
public final class TortureCommand implements Callable<Integer> {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Option(
            names = "--kills",
            paramLabel = "N",
            description = "Rounds, each with a kill or a restart (${DEFAULT-VALUE}).")
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
            description = "What to do to it, with commas between: kill, connection-cut, db-restart, disk-full, "
                    + "journal-restart "
                    + "(${DEFAULT-VALUE}). Without kill it is ended in order and started again.")
    private String faults = "kill,connection-cut";

    @Option(
            names = "--restart-command",
            paramLabel = "TEXT",
            description =
                    "For db-restart of a database of yours: a shell command that ends it, best by a kill, and starts "
                            + "it again, such as 'docker restart -t 0 db'.")
    private @Nullable String restartCommand;

    @Option(
            names = "--driver",
            paramLabel = "NAME",
            description =
                    "redis or kafka: three processes that write and two that flush share a buffer through it, and any "
                            + "of them is killed. Needs a --jdbc-url that all of them reach.")
    private @Nullable SharedDriver driver;

    @Option(
            names = "--address",
            paramLabel = "TEXT",
            description = "Where the driver's Redis or brokers are (redis://localhost:6379, localhost:9092).")
    private @Nullable String address;

    @Option(
            names = "--journal-restart-command",
            paramLabel = "TEXT",
            description = "For journal-restart: a shell command that ends the Redis or the broker and starts it again.")
    private @Nullable String journalRestartCommand;

    @Override
    public Integer call() throws IOException {
        Set<Fault> chosen = check();
        if (driver != null) return shared(driver, chosen);
        Path directory = Files.createTempDirectory("forebay-torture");
        Path journal = directory.resolve("journal");
        out().printf("seed %d, %d writers, faults: %s; journal in %s%n", seed, writers, names(chosen), directory);
        out().flush();
        CrashReport report;
        CrashHarness harness;
        try (Target target = target(directory, chosen)) {
            harness = new CrashHarness(
                    TortureWorker.class, arguments(target.urlForWorker(), journal, chosen), database.environment());
            report = torture(target, harness, chosen);
        }
        report.examples().forEach(out()::println);
        if (report.isExact()) delete(directory);
        else out().println("Tables and journal are left as they are. The journal: " + journal);
        return said(report, harness.account());
    }

    private Target target(Path directory, Set<Fault> chosen) throws IOException {
        Optional<String> url = database.jdbcUrl();
        return url.isPresent()
                ? Target.of(url.get(), chosen, restartCommand, seed)
                : Target.h2(directory, chosen, seed);
    }

    private Set<Fault> check() {
        requireAtLeastOne("--kills", kills);
        if (seconds != null) requireAtLeastOne("--seconds", seconds);
        requireAtLeastOne("--writers", writers);
        if (writers > CrashWorkload.MAX_WRITERS)
            throw misused("--writers must be at most %d, was %d".formatted(CrashWorkload.MAX_WRITERS, writers));
        Set<Fault> chosen;
        try {
            chosen = Fault.parse(faults);
        } catch (IllegalArgumentException e) {
            throw misused("--faults: " + e.getMessage());
        }
        checkDriver(chosen);
        boolean restartsOwn =
                chosen.contains(Fault.DB_RESTART) && database.jdbcUrl().isPresent();
        if (restartsOwn && restartCommand == null)
            throw misused(
                    "--faults db-restart of a database of yours needs --restart-command, a shell command that ends "
                            + "it and starts it again, such as 'docker restart -t 0 db'");
        if (!restartsOwn && restartCommand != null)
            throw misused("--restart-command is for --faults db-restart and a --jdbc-url");
        return chosen;
    }

    private void checkDriver(Set<Fault> chosen) {
        boolean restarts = chosen.contains(Fault.JOURNAL_RESTART);
        if (driver == null) {
            if (address != null) throw misused("--address is for a --driver");
            if (restarts) throw misused("--faults journal-restart is for a --driver, whose journal is a server");
        } else {
            if (database.jdbcUrl().isEmpty())
                throw misused("--driver needs a --jdbc-url: several processes write to the database");
            if (chosen.contains(Fault.DISK_FULL)) throw misused("--faults disk-full is not for a --driver");
        }
        if (restarts != (journalRestartCommand != null))
            throw misused("--faults journal-restart and --journal-restart-command go together");
    }

    /** Several processes on one buffer. */
    private int shared(SharedDriver through, Set<Fault> chosen) {
        String where = address == null ? through.usualAddress() : address;
        String name = "forebay-torture-" + seed;
        out().printf(
                        "seed %d, %d writing processes of %d threads, %d flushing ones, faults: %s; %s at %s, names begin with %s%n",
                        seed,
                        SharedCrashProgram.WRITERS,
                        writers,
                        SharedCrashProgram.FLUSHERS,
                        names(chosen),
                        through,
                        where,
                        name);
        out().flush();
        String url = database.jdbcUrl().orElseThrow();
        List<String> arguments = new ArrayList<>(database.arguments(url));
        arguments.addAll(List.of("--driver", through.name(), "--address", where, "--name", name));
        arguments.addAll(List.of("--seed", Long.toString(seed), "--writers", Integer.toString(writers)));
        if (chosen.contains(Fault.CONNECTION_CUT)) arguments.add("--cut");

        CrashWorkload workload = SharedCrashProgram.workload(seed, writers);
        try (CrashCluster cluster = new CrashCluster(SharedTortureWorker.class, arguments, database.environment())) {
            on(url, dataSource -> createTables(workload, dataSource));
            SharedTorture torture = new SharedTorture(
                    cluster,
                    chosen,
                    command("--restart-command", restartCommand),
                    command("--journal-restart-command", journalRestartCommand),
                    seed);
            torture.start();
            rounds(torture);
            cluster.end();
            return result(workload, cluster, torture, url);
        } catch (IllegalStateException e) {
            throw new CommandFailure(String.valueOf(e.getMessage()).strip(), e);
        }
    }

    private static @Nullable RestartCommand command(String option, @Nullable String command) {
        return command == null ? null : new RestartCommand(option, command);
    }

    private void rounds(SharedTorture torture) {
        long start = System.nanoTime();
        try (Progress progress = Progress.start(err(), "torture", "rounds", kills)) {
            for (int round = 1; round <= kills && !isOver(start); round++) {
                torture.next();
                progress.to(round);
            }
        }
    }

    private int result(CrashWorkload workload, CrashCluster cluster, SharedTorture torture, String url) {
        CrashReport report = on(url, dataSource -> {
            CrashReport found = workload.compare(dataSource, cluster.account());
            if (found.isExact()) workload.dropTables(dataSource);
            return found;
        });
        out().printf(
                        "%d kills, %d restarts of the database, %d of the journal%n",
                        cluster.kills(), torture.restarted(), torture.journalsRestarted());
        report.examples().forEach(out()::println);
        return said(report, cluster.account());
    }

    private int said(CrashReport report, CrashAccount account) {
        out().printf(
                        "acknowledged=%d applied=%d lost=%d doubled=%d wrong=%d%n",
                        account.acknowledged(), report.applied(), report.lost(), report.doubled(), report.wrong());
        return report.isExact() ? 0 : Main.FAILED;
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
        if (chosen.contains(Fault.DISK_FULL)) arguments.add("--full-disk");
        return arguments;
    }

    private static String names(Set<Fault> chosen) {
        return chosen.stream().map(Fault::toString).collect(Collectors.joining(", "));
    }

    private CrashReport torture(Target target, CrashHarness harness, Set<Fault> chosen) {
        CrashWorkload workload = new CrashWorkload(seed, Durability.SYNCED, writers);
        Rounds rounds = new Rounds(harness, chosen, target, () -> awaitDatabase(target.url()), seed);
        try {
            awaitDatabase(target.url());
            on(target.url(), dataSource -> createTables(workload, dataSource));
            CrashReport early = roundsAndLooks(target, workload, harness, rounds);
            out().printf(
                            "%d kills, %d restarts of the database, %d connections reset on the wire, %d writes refused%n",
                            harness.kills(),
                            rounds.restarted(),
                            target.cuts(),
                            harness.account().refused());
            if (!early.isExact()) return early;
            return on(target.url(), dataSource -> {
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

    /**
     * The rounds, and a last run that is let finish. What was acknowledged as flushed must be there after each round, before
     * anything is recovered.
     */
    private CrashReport roundsAndLooks(Target target, CrashWorkload workload, CrashHarness harness, Rounds rounds) {
        long start = System.nanoTime();
        CrashReport found = CrashReport.NOTHING;
        try (Progress progress = Progress.start(err(), "torture", "rounds", kills)) {
            for (int round = 1; round <= kills && !isOver(start) && found.isExact(); round++) {
                rounds.next();
                found = on(target.url(), dataSource -> workload.compareFlushed(dataSource, harness.account()));
                progress.to(round);
            }
        }
        if (found.isExact()) harness.runToEnd();
        return found;
    }

    private void awaitDatabase(String url) {
        long start = System.nanoTime();
        while (true) {
            try {
                database.connect(url).close();
                return;
            } catch (CommandFailure e) {
                if (!isComingBack(e, start)) throw e;
            }
        }
    }

    /** Each attempt waits for a while by itself. */
    private static boolean isComingBack(CommandFailure failure, long startNanos) {
        return failure.getCause() instanceof SQLException && System.nanoTime() - startNanos < START_LIMIT.toNanos();
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
