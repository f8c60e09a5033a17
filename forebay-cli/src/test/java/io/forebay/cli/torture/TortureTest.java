package io.forebay.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.cli.Cli;
import io.forebay.testservers.KafkaServer;
import io.forebay.testservers.MariaDbServer;
import io.forebay.testservers.PostgresServer;
import io.forebay.testservers.RedisServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TortureTest {
    @Test
    void a_short_torture_of_h2_finds_nothing_lost_doubled_or_wrong() {
        Cli result = Cli.run("torture", "--kills", "2", "--seed", "5", "--writers", "4");

        assertThat(result.code()).as(result.out() + result.err()).isZero();
        assertThat(result.out()).contains("seed 5, 4 writers, faults: kill, connection-cut");
        assertThat(lastLine(result)).matches("acknowledged=[1-9][0-9]* applied=[1-9][0-9]* lost=0 doubled=0 wrong=0");
    }

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void a_row_that_somebody_changes_behind_its_back_is_found_with_its_history() throws Exception {
        try (PostgresServer server = PostgresServer.create()) {
            CompletableFuture<Cli> running = CompletableFuture.supplyAsync(
                    () -> Cli.run("torture", "--jdbc-url", server.jdbcUrl(), "--kills", "2"),
                    task -> new Thread(task).start());
            await().pollInterval(Duration.ofMillis(20))
                    .atMost(Duration.ofMinutes(1))
                    .until(() -> running.isDone() || tamper(server));

            Cli result = running.join();

            assertThat(result.code()).as(result.out() + result.err()).isEqualTo(1);
            assertThat(result.out()).as(result.err()).contains("DOUBLED row").contains("its last writes: #");
            assertThat(lastLine(result)).contains("lost=0 doubled=1 wrong=0");
        }
    }

    /** One more hit for one row that is never deleted; false while there is none. */
    private static boolean tamper(PostgresServer server) {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            return statement.executeUpdate("UPDATE crash_row SET hits = hits + 1000000 WHERE id ="
                            + " (SELECT min(id) FROM crash_row WHERE id % 8 < 5 AND hits > 0)")
                    == 1;
        } catch (SQLException e) {
            return false; // the table is not there yet
        }
    }

    @Test
    void every_fault_at_once_loses_nothing_of_h2() {
        Cli result = Cli.run(
                "torture", "--kills", "4", "--seed", "4", "--faults", "kill,connection-cut,db-restart,disk-full");

        assertThat(result.code()).as(result.out() + result.err()).isZero();
        assertThat(result.out())
                .containsPattern(
                        "[1-9] kills, [1-9] restarts of the database, [1-9][0-9]* connections reset on the wire,"
                                + " [1-9][0-9]* writes refused");
        assertThat(lastLine(result)).matches("acknowledged=[1-9][0-9]* applied=[1-9][0-9]* lost=0 doubled=0 wrong=0");
    }

    @Test
    @Timeout(value = 180, unit = TimeUnit.SECONDS)
    @Tag("slow") // the everyday run kills it in forebay-jdbc
    void a_postgresql_that_is_restarted_by_a_command_and_cut_on_the_wire_loses_nothing() throws Exception {
        try (PostgresServer server = PostgresServer.create();
                RestartDoor door = new RestartDoor(server)) {
            Cli result = Cli.run(
                    "torture",
                    "--jdbc-url",
                    server.jdbcUrl(),
                    "--kills",
                    "4",
                    "--seed",
                    "3",
                    "--faults",
                    "kill,connection-cut,db-restart",
                    "--restart-command",
                    door.command());

            assertThat(result.code()).as(result.out() + result.err()).isZero();
            assertThat(door.restarts()).isPositive();
            assertThat(result.out())
                    .containsPattern("[1-9] restarts of the database, [1-9][0-9]* connections reset on the wire");
            assertThat(lastLine(result)).endsWith("lost=0 doubled=0 wrong=0");
        }
    }

    @Test
    @Tag("slow") // the everyday run kills MariaDB's flushes in forebay-jdbc
    @Timeout(value = 180, unit = TimeUnit.SECONDS)
    void a_mariadb_is_tortured_too() {
        try (MariaDbServer server = MariaDbServer.create()) {
            Cli result = Cli.run("torture", "--jdbc-url", server.jdbcUrl("forebay"), "--kills", "3", "--seed", "8");

            assertThat(result.code()).as(result.out() + result.err()).isZero();
            assertThat(result.out()).containsPattern("[1-9][0-9]* connections reset on the wire");
            assertThat(lastLine(result)).endsWith("lost=0 doubled=0 wrong=0");
        }
    }

    @Test
    void a_restart_of_ones_own_database_needs_a_command() {
        Cli result = Cli.run("torture", "--faults", "db-restart", "--jdbc-url", "jdbc:postgresql://localhost/scratch");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("needs --restart-command").contains("docker restart");
    }

    @Test
    void a_command_without_a_restart_is_refused() {
        Cli result = Cli.run("torture", "--restart-command", "true");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("--restart-command is for --faults db-restart and a --jdbc-url");
    }

    @Test
    void a_restart_command_that_fails_ends_the_torture_with_what_it_said(@TempDir Path folder) {
        Cli result = Cli.run(
                "torture",
                "--jdbc-url",
                "jdbc:h2:file:" + folder.resolve("db"),
                "--faults",
                "db-restart",
                "--restart-command",
                "echo no such container; exit 3");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err()).contains("ended with exit code 3: no such container");
    }

    @Test
    void a_fault_that_does_not_exist_is_refused_with_those_that_do() {
        Cli result = Cli.run("torture", "--faults", "kill,flood");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err())
                .contains("there is no fault 'flood'; there is kill, connection-cut, db-restart, disk-full");
    }

    @Test
    void tables_that_are_there_already_are_not_touched() throws SQLException {
        String url = "jdbc:h2:mem:torture;DB_CLOSE_DELAY=-1";
        try (Connection connection = java.sql.DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE crash_row (id bigint)");

            Cli result = Cli.run("torture", "--jdbc-url", url);

            assertThat(result.code()).isEqualTo(1);
            assertThat(result.err()).contains("could not create the tables").containsIgnoringCase("crash_row");
        }
    }

    private static String lastLine(Cli result) {
        return result.out().strip().lines().reduce("", (before, line) -> line);
    }

    @Test
    @Timeout(value = 180, unit = TimeUnit.SECONDS)
    void processes_that_share_a_buffer_through_redis_lose_nothing() {
        try (PostgresServer server = PostgresServer.create();
                RedisServer redis = RedisServer.create("appendonly=yes", "appendfsync=always")) {
            requireExact(shared(server, "redis", redis.uri()));
        }
    }

    @Test
    @Timeout(value = 180, unit = TimeUnit.SECONDS)
    @Tag("slow") // the everyday run kills them in forebay-kafka
    void processes_that_share_a_buffer_through_kafka_lose_nothing() {
        try (PostgresServer server = PostgresServer.create();
                KafkaServer kafka = KafkaServer.create()) {
            requireExact(shared(server, "kafka", kafka.bootstrapServers()));
        }
    }

    private static Cli shared(PostgresServer server, String driver, String address) {
        return Cli.run(
                "torture", "--jdbc-url", server.jdbcUrl(), "--kills", "1", "--driver", driver, "--address", address);
    }

    private static void requireExact(Cli result) {
        assertThat(result.code()).as(result.out() + result.err()).isZero();
        assertThat(result.out()).contains("3 writing processes of 3 threads, 2 flushing ones", "1 kills");
        assertThat(lastLine(result)).matches("acknowledged=[1-9][0-9]* applied=[1-9][0-9]* lost=0 doubled=0 wrong=0");
    }

    @Test
    void a_driver_without_a_database_that_all_reach_is_refused() {
        Cli result = Cli.run("torture", "--driver", "redis");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("--driver needs a --jdbc-url");
    }

    @Test
    void a_journal_is_restarted_only_where_there_is_a_driver() {
        Cli result = Cli.run("torture", "--faults", "kill,journal-restart");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("journal-restart is for a --driver");
    }
}
