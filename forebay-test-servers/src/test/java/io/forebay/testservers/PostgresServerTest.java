package io.forebay.testservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class PostgresServerTest {
    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @BeforeEach
    void makeTable() throws SQLException {
        execute("DROP TABLE IF EXISTS t");
        execute("CREATE TABLE t (id int PRIMARY KEY)");
    }

    @Test
    void it_runs_with_settings_that_survive_a_crash() throws SQLException {
        assertThat(query("SHOW fsync")).isEqualTo("on");
        assertThat(query("SHOW synchronous_commit")).isEqualTo("on");
    }

    @Test
    void what_was_committed_before_a_SIGKILL_is_there_afterwards() throws SQLException {
        execute("INSERT INTO t VALUES (1)");

        server.kill();
        server.start();

        assertThat(query("SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void a_killed_server_takes_no_connections() {
        server.kill();

        assertThatThrownBy(() -> query("SELECT 1")).isInstanceOf(SQLException.class);

        server.start();
    }

    @Test
    void it_goes_back_to_a_copied_state() throws SQLException {
        execute("INSERT INTO t VALUES (1)");
        server.stop();
        Path before = server.copyDataDirectory();
        server.start();
        execute("INSERT INTO t VALUES (2)");

        server.stop();
        server.restore(before);
        server.start();

        assertThat(query("SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void a_start_that_fails_shows_the_log() {
        assertThatThrownBy(() -> PostgresServer.create("no_such_setting=1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no_such_setting");
    }

    private static void execute(String sql) throws SQLException {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String query(String sql) throws SQLException {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
