package io.forebay.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.forebay.cli.Cli;
import io.forebay.cli.Main;
import io.forebay.testservers.MariaDbServer;
import io.forebay.testservers.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplayTest {
    private static final String BROKEN = "this is no line of a log";

    @TempDir
    private Path folder;

    @Test
    void a_log_in_h2_is_what_counting_by_hand_gives() throws IOException, SQLException {
        List<String> log = log(2_500);
        Path file = file(log);

        Cli result = replay(file);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Tables.read(h2())).isEqualTo(Tables.count(log.stream(), 1));
        assertThat(result.out())
                .contains("coalescing factor")
                .contains("mutations in")
                .contains("2,500");
    }

    @Test
    void a_log_in_postgresql_is_what_counting_by_hand_gives() throws IOException, SQLException {
        try (PostgresServer server = PostgresServer.create()) {
            countsAsByHand(server.jdbcUrl());
        }
    }

    @Test
    void a_log_in_mariadb_is_what_counting_by_hand_gives() throws IOException, SQLException {
        try (MariaDbServer server = MariaDbServer.create()) {
            countsAsByHand(server.jdbcUrl("forebay"));
        }
    }

    @Test
    void a_log_in_sqlite_is_what_counting_by_hand_gives() throws IOException, SQLException {
        countsAsByHand("jdbc:sqlite:" + folder.resolve("log.db"));
    }

    private void countsAsByHand(String url) throws IOException, SQLException {
        List<String> log = log(2_500);

        Cli result = Cli.run(
                "replay",
                file(log).toString(),
                "--jdbc-url",
                url,
                "--journal",
                journal().toString());

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Tables.read(url)).isEqualTo(Tables.count(log.stream(), 1));
    }

    @Test
    void repeating_counts_again() throws IOException, SQLException {
        List<String> log = log(700);

        Cli result = replay(file(log), "--repeat", "3");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Tables.read(h2())).isEqualTo(Tables.count(log.stream(), 3));
    }

    @Test
    void malformed_lines_are_counted_named_and_kept() throws IOException, SQLException {
        List<String> log = log(50);
        log.add(7, BROKEN);
        for (int i = 0; i < 12; i++) log.add(BROKEN + " " + i);

        Cli result = replay(file(log), "--repeat", "2");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("13 lines malformed")
                .contains("line 8: no time in brackets")
                .contains("and 3 more");
        assertThat(Files.readAllLines(folder.resolve("rejects"))).hasSize(13).startsWith(BROKEN, BROKEN + " 0");
        assertThat(Tables.read(h2())).isEqualTo(Tables.count(log.stream(), 2));
    }

    @Test
    void a_file_that_is_no_log_at_all_is_an_error() throws IOException {
        Cli result = replay(file(List.of(BROKEN, BROKEN)));

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("no line of").contains("combined format");
    }

    @Test
    void a_second_replay_is_refused_and_with_resume_it_changes_nothing() throws IOException, SQLException {
        List<String> log = log(1_200);
        Path file = file(log);
        assertThat(replay(file).code()).isZero();

        Cli again = replay(file);
        Cli resumed = replay(file, "--resume");

        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("was replayed up to line 1,200").contains("--resume");
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(Tables.read(h2())).isEqualTo(Tables.count(log.stream(), 1));
    }

    @Test
    void resume_goes_on_with_more_repeats() throws IOException, SQLException {
        List<String> log = log(1_200);
        Path file = file(log);
        assertThat(replay(file).code()).isZero();

        assertThat(replay(file, "--resume", "--repeat", "3").code()).isZero();

        assertThat(Tables.read(h2())).isEqualTo(Tables.count(log.stream(), 3));
    }

    @Test
    void a_file_that_has_become_shorter_is_another_file() throws IOException {
        Path file = file(log(100));
        assertThat(replay(file).code()).isZero();
        file(log(50));

        Cli resumed = replay(file, "--resume");

        assertThat(resumed.code()).isEqualTo(1);
        assertThat(resumed.err()).contains("has only 50 lines, but 100 of it were replayed");
    }

    @Test
    void killed_and_resumed_it_ends_like_a_straight_run() throws IOException, SQLException, InterruptedException {
        List<String> log = log(2_000);
        Path file = file(log);
        for (int kill = 1; kill <= 2; kill++) {
            Process process = start(command(file, "--repeat", "20", "--resume"));
            awaitAQuarter(process);
            process.toHandle().destroyForcibly();
            assertThat(process.waitFor()).as(said()).isEqualTo(128 + 9);
        }

        Cli result = replay(file, "--repeat", "20", "--resume");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Tables.read(h2())).isEqualTo(Tables.count(log.stream(), 20));
    }

    @Test
    void a_signal_stops_it_in_order_and_resume_goes_on() throws IOException, SQLException, InterruptedException {
        List<String> log = log(2_000);
        Path file = file(log);
        Process process = start(command(file, "--repeat", "20"));
        awaitAQuarter(process);
        process.toHandle().destroy();

        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(said()).isEqualTo(128 + 15);
        assertThat(said()).contains("stopping").contains("stopped behind line").contains("--resume");

        Cli result = replay(file, "--repeat", "20", "--resume");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out()).contains("going on behind line");
        assertThat(Tables.read(h2())).isEqualTo(Tables.count(log.stream(), 20));
    }

    private void awaitAQuarter(Process process) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> !process.isAlive() || said().contains("25 %"));
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve("child.log"));
    }

    @Test
    void the_real_log_is_what_counting_by_hand_gives() throws IOException, SQLException {
        Path file = Path.of(System.getProperty("forebay.shared", "none"), "data", "apache_access.log.gz");
        assumeTrue(Files.exists(file), "skipped: the real log is not here: " + file);

        Cli result = replay(file);

        assertThat(result.code()).as(result.err()).isZero();
        Tables counted;
        try (InputStream in = new GZIPInputStream(Files.newInputStream(file));
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            counted = Tables.count(reader.lines(), 1);
        }
        assertThat(counted.requests()).hasSizeGreaterThan(9_990);
        assertThat(Tables.read(h2())).isEqualTo(counted);
    }

    private Cli replay(Path file, String... more) {
        List<String> args = command(file, more);
        return Cli.run(args);
    }

    private List<String> command(Path file, String... more) {
        List<String> args = new ArrayList<>(List.of(
                "replay",
                file.toString(),
                "--jdbc-url",
                h2(),
                "--journal",
                journal().toString(),
                "--rejects",
                folder.resolve("rejects").toString()));
        args.addAll(List.of(more));
        return args;
    }

    private Process start(List<String> args) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
        command.addAll(args);
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("child.log").toFile())
                .start();
    }

    private String h2() {
        return "jdbc:h2:file:" + folder.resolve("db") + ";WRITE_DELAY=0";
    }

    private Path journal() {
        return folder.resolve("journal");
    }

    private Path file(List<String> lines) throws IOException {
        return Files.write(folder.resolve("access.log"), lines);
    }

    /** A seeded log whose times go backward now and then. */
    private static List<String> log(int lines) {
        Random random = new Random(4711);
        List<String> log = new ArrayList<>();
        for (int i = 0; i < lines; i++) {
            log.add(
                    "10.0.%d.%d - - [%02d/May/2015:10:%02d:%02d +0000] \"GET /p/%d HTTP/1.1\" %d %s \"-\" \"agent \\\"%d\\\"\""
                            .formatted(
                                    random.nextInt(3),
                                    random.nextInt(40),
                                    1 + i % 28,
                                    random.nextInt(60),
                                    random.nextInt(60),
                                    random.nextInt(60),
                                    random.nextBoolean() ? 200 : 404,
                                    random.nextInt(5) == 0 ? "-" : Integer.toString(random.nextInt(100_000)),
                                    i));
        }
        return log;
    }
}
