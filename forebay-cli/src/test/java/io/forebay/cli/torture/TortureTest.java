package io.forebay.cli.torture;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.cli.Cli;
import io.forebay.testservers.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class TortureTest {
    @Test
    void a_short_torture_of_h2_finds_nothing_lost_doubled_or_wrong() {
        Cli result = Cli.run("torture", "--kills", "3", "--seed", "5", "--writers", "4");

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
            while (!running.isDone() && !tamper(server)) Thread.onSpinWait();

            Cli result = running.join();

            assertThat(result.code()).as(result.out() + result.err()).isEqualTo(1);
            assertThat(result.out()).contains("DOUBLED row").contains("its last writes: #");
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
    void a_fault_that_does_not_exist_is_refused_with_those_that_do() {
        Cli result = Cli.run("torture", "--faults", "kill,flood");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("there is no fault 'flood'; there is kill, connection-cut");
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
}
