package io.forebay.jdbc.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.Forebay;
import io.forebay.Table;
import io.forebay.testservers.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Rule D2: an owner that was paused while another took its partitions over is fenced when it wakes. */
final class TwoOwnersTest {
    private static final int ROUNDS_BEFORE_PAUSE = 20;
    private static final int NEW_INCREMENTS = 5;

    @TempDir
    Path folder;

    @Test
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void the_older_owner_wakes_up_fenced_and_changes_nothing() throws Exception {
        try (PostgresServer server = PostgresServer.create()) {
            DataSource dataSource = server.dataSource();
            Databases.execute(dataSource, "CREATE TABLE owned (id bigint PRIMARY KEY, hits bigint NOT NULL)");
            Databases.execute(
                    dataSource,
                    "INSERT INTO owned SELECT i, 0 FROM generate_series(0, " + (OwnerMain.ROWS - 1) + ") i");
            Process older = startOlder(server.jdbcUrl());
            try (BufferedReader said = older.inputReader(StandardCharsets.UTF_8)) {
                int round = 0;
                while (round < ROUNDS_BEFORE_PAUSE) round = Integer.parseInt(said.readLine());
                signal(older, "STOP");
                copy(folder.resolve("older"), folder.resolve("newer"));

                takeOver(dataSource);
                List<List<Object>> before = state(dataSource);
                signal(older, "CONT");

                assertThat(lastLine(said)).isEqualTo(OwnerMain.REFUSED);
                assertThat(older.waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(state(dataSource)).isEqualTo(before);
                assertThat(least(dataSource)).isGreaterThanOrEqualTo(round + NEW_INCREMENTS);
            } finally {
                older.destroyForcibly();
            }
        }
    }

    private Process startOlder(String url) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OwnerMain.class.getName(),
                        url,
                        folder.resolve("older").toString())
                .redirectError(folder.resolve("older.log").toFile())
                .start();
    }

    private static void signal(Process process, String signal) throws Exception {
        int code = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                .start()
                .waitFor();
        assertThat(code).isZero();
    }

    private void takeOver(DataSource dataSource) {
        try (Forebay newer = Databases.busy(dataSource, folder.resolve("newer")).build()) {
            Table owned = newer.table("owned");
            for (int i = 0; i < NEW_INCREMENTS * OwnerMain.ROWS; i++)
                owned.row(i % OwnerMain.ROWS).increment("hits");
            newer.flushAndWait();
        }
    }

    private static List<List<Object>> state(DataSource dataSource) {
        List<List<Object>> rows = Databases.query(dataSource, "SELECT id, hits FROM owned ORDER BY id");
        rows.addAll(Databases.query(
                dataSource, "SELECT partition_no, epoch, sequence, batch FROM forebay_watermark ORDER BY 1"));
        rows.addAll(Databases.query(dataSource, "SELECT count(*) FROM forebay_dead_letter"));
        return rows;
    }

    private static long least(DataSource dataSource) {
        return (Long) Databases.query(dataSource, "SELECT min(hits) FROM owned")
                .get(0)
                .get(0);
    }

    private static String lastLine(BufferedReader lines) {
        return lines.lines().reduce("", (before, line) -> line);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            all.forEach(path -> copyOne(path, to.resolve(from.relativize(path))));
        }
    }

    private static void copyOne(Path path, Path to) {
        try {
            Files.copy(path, to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
