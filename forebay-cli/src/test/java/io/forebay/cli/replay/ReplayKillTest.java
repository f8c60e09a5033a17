package io.forebay.cli.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.forebay.cli.Main;
import io.forebay.testservers.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.zip.GZIPInputStream;
import javax.sql.DataSource;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ten thousand lines fit in any buffer: the real log a thousand times into PostgreSQL, killed again and again.
 * {@code -Dforebay.replay.repeat} and {@code -Dforebay.replay.kills} make it shorter or longer. The short form, on H2, is
 * {@link ReplayTest#killed_and_resumed_it_ends_like_a_straight_run}.
 */
@Tag("slow")
class ReplayKillTest {
    private static final int REPEAT = Integer.getInteger("forebay.replay.repeat", 1_000);
    private static final int KILLS = Integer.getInteger("forebay.replay.kills", 6);
    private static final long LINES = 10_000L * REPEAT;

    @TempDir
    Path folder;

    @Test
    void the_real_log_a_thousand_times_killed_and_resumed_are_what_counting_by_hand_gives() throws Exception {
        Path file = Path.of(System.getProperty("forebay.shared", "none"), "data", "apache_access.log.gz");
        assumeTrue(Files.exists(file), "skipped: the real log is not here: " + file);
        try (PostgresServer server = PostgresServer.create()) {
            for (int kill = 1; kill <= KILLS; kill++) {
                Process process = start(file, server.jdbcUrl());
                awaitViews(server.dataSource(), kill * LINES / (KILLS + 1), process);
                process.toHandle().destroyForcibly();
                assertThat(process.waitFor()).as(said()).isEqualTo(128 + 9);
            }
            int code = start(file, server.jdbcUrl()).waitFor();

            assertThat(code).as(said()).isZero();
            assertThat(said()).contains("going on behind line");
            assertThat(Tables.read(server.jdbcUrl())).isEqualTo(counted(file));
        }
    }

    private static void awaitViews(DataSource dataSource, long views, Process process) {
        Awaitility.await()
                .atMost(Duration.ofMinutes(30))
                .pollInterval(Duration.ofMillis(50))
                .until(() -> !process.isAlive() || views(dataSource) >= views);
    }

    private static long views(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet sum = statement.executeQuery("SELECT coalesce(sum(views), 0) FROM page_views")) {
            sum.next();
            return sum.getLong(1);
        } catch (SQLException e) {
            return 0; // the table is not there yet
        }
    }

    private static Tables counted(Path file) throws IOException {
        try (BufferedReader reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            return Tables.count(reader.lines(), REPEAT);
        }
    }

    private Process start(Path file, String url) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "replay",
                        file.toString(),
                        "--jdbc-url",
                        url,
                        "--journal",
                        folder.resolve("journal").toString(),
                        "--rejects",
                        folder.resolve("rejects").toString(),
                        "--repeat",
                        Integer.toString(REPEAT),
                        "--resume")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("child.log").toFile())
                .start();
    }

    private String said() throws IOException {
        return Files.readString(folder.resolve("child.log"));
    }
}
