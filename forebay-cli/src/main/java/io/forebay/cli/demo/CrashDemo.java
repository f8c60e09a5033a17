package io.forebay.cli.demo;

import io.forebay.cli.CommandFailure;
import io.forebay.cli.Main;
import io.forebay.cli.Progress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Kills a process that writes, again and again, and counts what is left. */
final class CrashDemo {
    private static final Pattern GROUP = Pattern.compile("(\\S+) ([0-9]{1,18})");
    private static final Duration RECOVERY_LIMIT = Duration.ofSeconds(60);

    private final Path directory;
    private final int threads;
    private final Map<String, Long> acknowledged = new HashMap<>();

    CrashDemo(Path directory, int threads) {
        this.directory = directory;
        this.threads = threads;
    }

    /** Starts a process on the journal and the database, and kills it when so many groups are acknowledged. */
    void runAndKill(int run, long groups, PrintWriter err) throws IOException, InterruptedException {
        Process worker = start("--run", Integer.toString(run), "--threads", Integer.toString(threads));
        try (BufferedReader pipe = worker.inputReader(StandardCharsets.UTF_8);
                Progress progress = Progress.start(err, "run " + run, "groups", groups)) {
            long read = 0;
            for (String line = pipe.readLine(); line != null; line = pipe.readLine()) {
                note(line);
                read++;
                progress.to(Math.min(read, groups));
                if (read == groups) worker.toHandle().destroyForcibly(); // what is still in the pipe was acknowledged
            }
            if (read < groups) throw failed(worker);
        } finally {
            worker.destroyForcibly().waitFor();
        }
    }

    private void note(String line) {
        Matcher group = GROUP.matcher(line);
        if (!group.matches()) return; // the last line of a process that was killed may be a part of one
        acknowledged.merge(group.group(1), Long.parseLong(group.group(2)), Math::max);
    }

    /** Starts a process that only flushes what the journal holds; returns how long it took. */
    Duration recover() throws IOException, InterruptedException {
        long start = System.nanoTime();
        Process worker = start("--recover");
        if (!worker.waitFor(RECOVERY_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            worker.destroyForcibly();
            throw new CommandFailure("the recovery took longer than " + RECOVERY_LIMIT.toSeconds() + " s");
        }
        if (worker.exitValue() != 0) throw failed(worker);
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private Process start(String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "demo-worker",
                "--verbose",
                "--dir",
                directory.toString()));
        command.addAll(List.of(more));
        Files.createDirectories(directory);
        Process worker = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(worker::destroyForcibly));
        return worker;
    }

    private CommandFailure failed(Process worker) throws IOException, InterruptedException {
        return new CommandFailure("the child process ended by itself, exit code %d: %s"
                .formatted(worker.waitFor(), Files.readString(log()).strip()));
    }

    private Path log() {
        return directory.resolve("worker.log");
    }

    long acknowledgedGroups() {
        return acknowledged.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Reads the database without Forebay. */
    Account account() throws SQLException {
        try (Connection connection = DriverManager.getConnection(DemoDatabase.url(directory));
                Statement statement = connection.createStatement()) {
            return new Account(
                    acknowledged, new Account.Contents(pages(statement), writers(statement), audits(statement)));
        }
    }

    private static Map<String, Long> pages(Statement statement) throws SQLException {
        Map<String, Long> pages = new HashMap<>();
        try (ResultSet rows = statement.executeQuery("SELECT path, views FROM pages")) {
            while (rows.next()) pages.put(rows.getString(1), rows.getLong(2));
        }
        return pages;
    }

    private static Map<String, Account.Counters> writers(Statement statement) throws SQLException {
        Map<String, Account.Counters> writers = new HashMap<>();
        try (ResultSet rows = statement.executeQuery("SELECT name, hits, amount, last_seen FROM writers")) {
            while (rows.next()) {
                OffsetDateTime seen = rows.getObject(4, OffsetDateTime.class);
                long number = seen == null ? 0 : CrashTables.numberOf(seen.toInstant());
                writers.put(rows.getString(1), new Account.Counters(rows.getLong(2), rows.getLong(3), number));
            }
        }
        return writers;
    }

    private static Map<Account.Audit, Long> audits(Statement statement) throws SQLException {
        Map<Account.Audit, Long> audits = new HashMap<>();
        String query = "SELECT writer, number, count(*) FROM audit GROUP BY writer, number";
        try (ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) audits.put(new Account.Audit(rows.getString(1), rows.getLong(2)), rows.getLong(3));
        }
        return audits;
    }
}
