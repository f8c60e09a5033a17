package io.forebay.cli.replay;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.BufferPolicy;
import io.forebay.Forebay;
import io.forebay.FullPolicy;
import io.forebay.JournalPolicy;
import io.forebay.Source;
import io.forebay.cli.CommandFailure;
import io.forebay.cli.DatabaseOptions;
import io.forebay.cli.Figures;
import io.forebay.cli.Main;
import io.forebay.cli.Progress;
import io.forebay.cli.Signals;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Replays an access log into a database. */
@Command(
        name = "replay",
        description = "Replay a web access log (Apache combined, plain or gzip) through Forebay into the tables "
                + "page_views(path, views, bytes), visitors(ip, hits, last_seen) and requests, which are made if they are "
                + "absent. A replay that was killed goes on with --resume, and ends with the same database.",
        footer = {
            "",
            "Examples:",
            "  forebay replay access.log.gz",
            "  forebay replay access.log --repeat 100 --journal /var/tmp/journal",
            "  forebay replay access.log --resume",
            "  FOREBAY_PASSWORD=… forebay replay access.log \\",
            "      --jdbc-url jdbc:postgresql://localhost:5432/web --user web",
            "",
            "Paths of more than 2,000 bytes are counted in page_views under their first 600",
            "characters and a hash; requests has them whole."
        })
public final class ReplayCommand implements Callable<Integer> {
    private static final int GROUP_LINES = 1_000;
    private static final long MAX_BUFFER_BYTES = 256L << 20;
    private static final long MIN_BUFFER_BYTES = 8L << 20;
    private static final long KEPT_JOURNAL_BYTES = 256L << 20;
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(15);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "FILE", description = "The log.")
    private Path file = Path.of("");

    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Option(
            names = "--journal",
            paramLabel = "DIR",
            description =
                    "Where the journal is (forebay-replay/h2/journal, forebay-replay/postgresql/journal and so on).")
    private @Nullable Path journal;

    @Option(names = "--repeat", paramLabel = "N", defaultValue = "1", description = "Read the file N times (1).")
    private long repeat;

    @Option(names = "--resume", description = "Go on behind the last line that the journal has of this file.")
    private boolean resume;

    @Option(
            names = "--rejects",
            paramLabel = "FILE",
            description = "Where malformed lines are kept (beside the journal, named like the log).")
    private @Nullable Path rejectsFile;

    @Override
    public Integer call() throws IOException, SQLException, InterruptedException {
        if (repeat < 1) throw new ParameterException(spec.commandLine(), "--repeat must be at least 1, was " + repeat);
        if (!Files.isRegularFile(file))
            throw new CommandFailure(file + (Files.exists(file) ? " is not a file" : ": no such file"));

        Path home = Path.of("forebay-replay", databaseName());
        Path journalDirectory = journal == null ? home.resolve("journal") : journal;
        Path rejects = rejectsPath(journalDirectory);
        try (HikariDataSource dataSource = connect(home)) {
            ReplayTables.create(dataSource);
            return replay(dataSource, journalDirectory, rejects);
        }
    }

    private String databaseName() {
        return database.jdbcUrl().map(url -> url.split(":", 3)[1]).orElse("h2");
    }

    private HikariDataSource connect(Path home) throws IOException {
        Optional<String> url = database.jdbcUrl();
        if (url.isPresent()) return database.connect(url.get());
        Files.createDirectories(home);
        return database.connect(
                "jdbc:h2:file:" + home.resolve("db").toAbsolutePath() + ";WRITE_DELAY=0;TRACE_LEVEL_FILE=0");
    }

    private Path rejectsPath(Path journalDirectory) throws IOException {
        Path path = rejectsFile;
        if (path == null) path = journalDirectory.toAbsolutePath().resolveSibling(file.getFileName() + ".rejects");
        if (Files.exists(path) && Files.isSameFile(path, file))
            throw new ParameterException(spec.commandLine(), "--rejects is the log itself: " + path);
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) Files.createDirectories(parent);
        return path;
    }

    @SuppressWarnings("try") // signals are only heard
    private int replay(HikariDataSource dataSource, Path journalDirectory, Path rejectsPath)
            throws IOException, InterruptedException {
        ReplayStop stop = new ReplayStop(this::saysItStops);
        try (Signals.Hearing hearing = Signals.onStop(stop::onSignal);
                Forebay forebay = open(dataSource, journalDirectory, stop)) {
            Source source = forebay.source("replay:" + file.toRealPath());
            ReplayPosition start = start(source, journalDirectory);
            Replayer replayer = new Replayer(forebay, source, new ReplayTables(forebay), stop, start);
            try (Rejects rejects = Rejects.into(rejectsPath)) {
                return run(forebay, replayer, start, rejects, stop);
            }
        }
    }

    private void saysItStops(int signal) {
        err().println("forebay: stopping; once more ends at once, and loses nothing either");
        err().flush();
    }

    private static Forebay open(HikariDataSource dataSource, Path directory, ReplayStop stop) {
        long room = Runtime.getRuntime().maxMemory() / 8;
        long bufferBytes = Math.max(MIN_BUFFER_BYTES, Math.min(room, MAX_BUFFER_BYTES));
        JournalPolicy kept = JournalPolicy.DEFAULT;
        return Forebay.builder()
                .database(dataSource)
                .journal(directory)
                .journalPolicy(
                        new JournalPolicy(kept.segmentBytes(), kept.keepApplied(), KEPT_JOURNAL_BYTES, kept.maxBytes()))
                .buffer(new BufferPolicy(
                        bufferBytes, BufferPolicy.DEFAULT.maxRows(), FullPolicy.BLOCK, Duration.ofSeconds(1)))
                .listener(stop)
                .createTables()
                .build();
    }

    private ReplayPosition start(Source source, Path journalDirectory) {
        Optional<ReplayPosition> reached = source.position().map(ReplayPosition::parse);
        if (reached.isEmpty()) return ReplayPosition.START;
        if (resume) return reached.get();
        throw new CommandFailure(
                "%s was replayed up to line %,d (reading %,d) with the journal %s: --resume goes on behind it; to count it once more, take another --journal"
                        .formatted(file, reached.get().line(), reached.get().repeat(), journalDirectory));
    }

    private int run(Forebay forebay, Replayer replayer, ReplayPosition start, Rejects rejects, ReplayStop stop)
            throws IOException, InterruptedException {
        ReplayReport report = new ReplayReport(out(), file, start);
        report.begin(resume);
        try (ReplayInput input = new ReplayInput(file, repeat, start, GROUP_LINES, rejects)) {
            try (Progress progress = Progress.start(err(), "replay", "bytes", input.totalBytes())) {
                replayer.run(input, progress);
            }
            boolean complete = replayer.flush();
            if (!complete) return stopped(replayer, stop);
            report.end(forebay.stats(), input.lines(), rejects);
            return exitCode(forebay, input, start, rejects);
        }
    }

    private int stopped(Replayer replayer, ReplayStop stop) {
        long left = replayer.close(CLOSE_TIMEOUT);
        err().printf(
                        "forebay: stopped behind line %s of reading %s; %s in the journal. The same command with --resume goes on.%n",
                        Figures.count(replayer.written().line()),
                        Figures.count(replayer.written().repeat()),
                        Figures.of(left, "row"));
        return stop.exitCode();
    }

    private int exitCode(Forebay forebay, ReplayInput input, ReplayPosition start, Rejects rejects) {
        if (forebay.stats().deadLetters() > 0) {
            err().printf(
                            "forebay: the database refused %s; see: forebay dead-letters list%n",
                            Figures.of(forebay.stats().deadLetters(), "row"));
            return Main.FAILED;
        }
        if (input.lines() == 0 && rejects.count() > 0 && start.equals(ReplayPosition.START))
            throw new CommandFailure("no line of %s is of Apache's combined format".formatted(file));
        return 0;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private PrintWriter err() {
        return spec.commandLine().getErr();
    }
}
