package io.forebay.testservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class TcpProxyTest {
    private static PostgresServer server;
    private TcpProxy proxy;

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
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP TABLE IF EXISTS t");
            statement.execute("CREATE TABLE t (id int)");
        }
        proxy = TcpProxy.to(server.host(), server.port());
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }

    @Test
    void a_dropped_commit_is_not_in_the_database() throws Exception {
        proxy.dropCommit();

        assertThatThrownBy(this::insertAndCommit).isInstanceOf(SQLException.class);

        assertThat(proxy.awaitCommit(5, TimeUnit.SECONDS)).isTrue();
        assertThat(rows()).isZero();
    }

    @Test
    void a_commit_whose_reply_is_lost_is_in_the_database() throws Exception {
        proxy.loseCommitReply();

        assertThatThrownBy(this::insertAndCommit).isInstanceOf(SQLException.class);

        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void a_held_commit_reaches_the_database_when_it_is_released() throws Exception {
        proxy.holdCommit();
        assertThatThrownBy(this::insertAndCommit).isInstanceOf(SQLException.class);
        assertThat(rows()).isZero();

        proxy.releaseCommit();

        await().untilAsserted(() -> assertThat(rows()).isEqualTo(1));
    }

    @Test
    void the_sixth_commit_of_a_connection_is_recognised_too() throws Exception {
        try (Connection connection = server.dataSource(proxy.port()).getConnection()) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 7; i++) insert(connection);
            proxy.dropCommit();

            assertThatThrownBy(() -> insert(connection)).isInstanceOf(SQLException.class);
        }
        assertThat(rows()).isEqualTo(7);
    }

    @Test
    void a_cut_ends_connections_and_new_ones_are_taken() throws Exception {
        try (Connection connection = server.dataSource(proxy.port()).getConnection()) {
            proxy.cut();
            assertThat(connection.isValid(5)).isFalse();
        }
        insertAndCommit();
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void while_it_refuses_no_connection_is_made() throws Exception {
        proxy.refuse(true);
        assertThatThrownBy(this::insertAndCommit).isInstanceOf(SQLException.class);

        proxy.refuse(false);
        insertAndCommit();
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void what_is_held_arrives_after_the_release() throws Exception {
        proxy.holdToServer();
        CompletableFuture<Void> work = CompletableFuture.runAsync(() -> {
            try {
                insertAndCommit();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        });
        await().during(200, TimeUnit.MILLISECONDS)
                .untilAsserted(() -> assertThat(work).isNotDone());

        proxy.release();

        work.get(10, TimeUnit.SECONDS);
        assertThat(rows()).isEqualTo(1);
    }

    private void insertAndCommit() throws SQLException {
        try (Connection connection = server.dataSource(proxy.port()).getConnection()) {
            connection.setAutoCommit(false);
            insert(connection);
        }
    }

    private static void insert(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("INSERT INTO t VALUES (1)");
        }
        connection.commit();
    }

    private static int rows() throws SQLException {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("SELECT count(*) FROM t")) {
            result.next();
            return result.getInt(1);
        }
    }
}
