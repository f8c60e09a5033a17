package io.forebay.cdc.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.cdc.MySqlConnector;
import io.forebay.testservers.MariaDbServer;
import io.forebay.testservers.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The embedded engine with the connector for MySQL, on a real binary log. */
class MySqlSourceTest extends EngineSourceContract {
    private static MariaDbServer server;
    private static Users users;

    @BeforeAll
    static void createTable() {
        server = MariaDbServer.createWithBinaryLog();
        users = new Users(server.dataSource());
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    Users users() {
        return users;
    }

    @Override
    EngineSource.Builder source(Path engine) {
        EngineSource.Builder builder = EngineSource.builder(engine);
        MySqlConnector.reading(server).forEach(builder::property);
        return builder.property("connect.keep.alive.interval.ms", "500");
    }

    @Override
    String qualifier() {
        return "forebay";
    }

    @Override
    TestServer server() {
        return server;
    }

    private Path schemas() {
        return directory.resolve("engine/schemas.jsonl");
    }

    private void stopAfterFirstStart() {
        startAndAwaitFlush();
        awaitStoredPosition();
        pipeline.close();
        readAll();
    }

    private void assertAllGoneAndChangesTold() {
        assertThat(cache.entries()).isEmpty();
        readAll();
        users().sql("UPDATE users SET name = 'told' WHERE id = 6");
        awaitGone(6);
        assertThat(cache.entries()).hasSize(19);
    }

    @Test
    void a_log_that_was_purged_invalidates_everything() {
        stopAfterFirstStart();
        users().sql("UPDATE users SET name = 'missed' WHERE id = 5", "FLUSH BINARY LOGS");
        String last = users().text("SHOW MASTER STATUS");
        await().until(
                        () -> { // a log that a connection still reads stays
                            users().sql("PURGE BINARY LOGS TO '" + last + "'");
                            return last.equals(users().text("SHOW BINARY LOGS"));
                        });

        startAndAwaitFlush();

        assertAllGoneAndChangesTold();
    }

    /** As after a restore: the file has the old name, and is shorter than what was read of it. */
    @Test
    void a_log_that_began_anew_invalidates_everything() {
        users().sql("RESET MASTER");
        users().fill(20, "first");
        stopAfterFirstStart();
        users().sql("UPDATE users SET name = 'missed' WHERE id = 5", "RESET MASTER");

        startAndAwaitFlush();

        assertAllGoneAndChangesTold();
    }

    @Test
    void a_table_is_altered_while_it_is_read_and_while_it_is_not() {
        startAndAwaitFlush();
        readAll();
        users().sql("ALTER TABLE users ADD a int FIRST", "UPDATE users SET name = 'second' WHERE id = 1");
        awaitGone(1);
        awaitStoredPosition();
        pipeline.close();
        users().sql("ALTER TABLE users DROP a", "UPDATE users SET name = 'second' WHERE id = 2");

        start();
        awaitGone(2);

        assertThat(cache.entries()).hasSize(18);
        assertThat(cache.flushes()).hasSize(1);
    }

    @Test
    void a_history_of_schemas_that_is_gone_invalidates_everything() throws IOException {
        stopAfterFirstStart();
        users().sql("UPDATE users SET name = 'missed' WHERE id = 5");
        Files.delete(schemas());

        startAndAwaitFlush();

        assertAllGoneAndChangesTold();
    }

    @Test
    void a_history_of_schemas_that_was_torn_by_a_power_failure_invalidates_everything() throws IOException {
        stopAfterFirstStart();
        users().sql("UPDATE users SET name = 'missed' WHERE id = 5");
        byte[] whole = Files.readAllBytes(schemas());
        Files.write(schemas(), Arrays.copyOf(whole, whole.length - 40));

        startAndAwaitFlush();

        assertAllGoneAndChangesTold();
    }
}
