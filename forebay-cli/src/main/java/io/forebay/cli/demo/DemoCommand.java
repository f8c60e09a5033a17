package io.forebay.cli.demo;

import io.forebay.cli.Main;
import io.forebay.testkit.crash.CrashReport;
import io.forebay.testkit.crash.CrashWorkload;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows what Forebay does, with nothing to install. */
@Command(
        name = "demo",
        description = "Show what Forebay does, on an H2 file in a temporary directory: the same writes through Forebay "
                + "and row by row, then a process that is killed (SIGKILL) while it writes, started again, and counted. "
                + "Exit code 0 only if nothing is lost and nothing is doubled.",
        footer = {
            "",
            "Examples:",
            "  forebay demo",
            "  forebay demo --views 100000 --kills 5",
            "  forebay demo --keep                     leave database and journal to look at"
        })
public final class DemoCommand implements Callable<Integer> {
    private static final Duration DIRECT_LIMIT = Duration.ofSeconds(3);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--views", paramLabel = "N", description = "Page views to write (${DEFAULT-VALUE}).")
    private long views = 1_000_000;

    @Option(names = "--kills", paramLabel = "N", description = "How often to kill the process (${DEFAULT-VALUE}).")
    private int kills = 3;

    @Option(
            names = "--writes",
            paramLabel = "N",
            description = "Acknowledged writes until a kill, about (${DEFAULT-VALUE}).")
    private long writes = 10_000;

    @Option(names = "--threads", paramLabel = "N", description = "Threads that write in it (${DEFAULT-VALUE}).")
    private int threads = 8;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the random numbers (${DEFAULT-VALUE}).")
    private long seed = 42;

    @Option(names = "--keep", description = "Keep the temporary directory.")
    private boolean keep;

    @Override
    public Integer call() throws IOException, SQLException {
        requireAtLeastOne("--views", views);
        requireAtLeastOne("--kills", kills);
        requireAtLeastOne("--writes", writes);
        requireAtLeastOne("--threads", threads);
        if (threads > CrashWorkload.MAX_WRITERS)
            throw new ParameterException(
                    spec.commandLine(),
                    "--threads must be at most %d, was %d".formatted(CrashWorkload.MAX_WRITERS, threads));

        Path directory = Files.createTempDirectory("forebay-demo");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
        DemoReport report = new DemoReport(out());
        report.begin(directory);
        boolean isSpeedExact = compareSpeed(directory, report);
        boolean isExact = killAndCount(directory, report).isExact() && isSpeedExact;
        report.end(isExact, keep ? directory : null);
        return isExact ? 0 : Main.FAILED;
    }

    private void requireAtLeastOne(String option, long value) {
        if (value < 1) throw new ParameterException(spec.commandLine(), option + " must be at least 1, was " + value);
    }

    private boolean compareSpeed(Path directory, DemoReport report) throws SQLException {
        Workload workload = new Workload(views, seed);
        SpeedDemo demo = new SpeedDemo(workload, directory, err());
        report.speed(workload);
        SpeedDemo.Buffered buffered = demo.buffered();
        SpeedDemo.Direct direct = demo.direct(DIRECT_LIMIT);
        report.speed(workload, buffered, direct);
        return buffered.views() == workload.views() && buffered.audits() == workload.audits();
    }

    private CrashReport killAndCount(Path directory, DemoReport report) {
        CrashDemo demo = new CrashDemo(directory.resolve("crash"), threads, seed);
        SplittableRandom random = new SplittableRandom(seed);
        report.crash(threads);
        demo.createTables();
        for (int run = 1; run <= kills; run++)
            report.killed(run, demo.runAndKill(writes / 2 + random.nextLong(writes)));
        report.ended(kills + 1, demo.runToEnd());
        CrashReport counted = demo.compare();
        report.counted(demo.acknowledged(), counted);
        return counted;
    }

    private void delete(Path directory) {
        if (keep) return;
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        } catch (IOException e) {
            err().printf("forebay: %s could not be deleted: %s%n", directory, e.getMessage());
            err().flush();
        }
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
