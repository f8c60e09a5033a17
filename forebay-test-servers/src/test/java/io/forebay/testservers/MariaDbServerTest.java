package io.forebay.testservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class MariaDbServerTest {
    private static MariaDbServer server;

    @BeforeAll
    static void startServer() {
        server = MariaDbServer.create();
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
        assertThat(query("SELECT @@innodb_flush_log_at_trx_commit")).isEqualTo("1");
        assertThat(query("SELECT ENGINE FROM information_schema.TABLES WHERE TABLE_NAME = 't'"))
                .isEqualTo("InnoDB");
    }

    @Test
    void what_was_committed_before_a_SIGKILL_is_there_afterwards() throws SQLException {
        execute("INSERT INTO t VALUES (1)");

        server.kill();
        assertThatThrownBy(() -> query("SELECT 1")).isInstanceOf(SQLException.class);
        server.start();

        assertThat(query("SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void it_is_stopped_in_an_orderly_way() throws SQLException {
        execute("INSERT INTO t VALUES (1)");

        server.stop();
        assertThat(server.logText()).contains("Shutdown complete");
        server.start();

        assertThat(query("SELECT count(*) FROM t")).isEqualTo("1");
    }

    @Test
    void a_start_that_fails_shows_the_log() {
        assertThatThrownBy(() -> MariaDbServer.create("no_such_setting=1"))
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
