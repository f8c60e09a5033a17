package io.forebay.jdbc;

import static io.forebay.spi.Stage.Kind.DELETE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.spi.Batch;
import io.forebay.spi.Column;
import io.forebay.spi.Sink;
import io.forebay.spi.SinkSettings;
import io.forebay.spi.TransientSinkException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class H2SinkContractTest extends JdbcSinkContract {
    @TempDir
    static Path folder;

    private static JdbcDataSource database;
    private static Connection keepOpen;

    @BeforeAll
    static void openDatabase() throws SQLException {
        database = new JdbcDataSource();
        database.setURL("jdbc:h2:file:" + folder.resolve("test"));
        keepOpen = database.getConnection();
    }

    @AfterAll
    static void closeDatabase() throws SQLException {
        keepOpen.close();
    }

    @Override
    protected DataSource dataSource() {
        return database;
    }

    @Override
    protected DataSource unreachable() {
        JdbcDataSource nowhere = new JdbcDataSource();
        nowhere.setURL("jdbc:h2:file:" + folder.resolve("nowhere") + ";IFEXISTS=TRUE");
        return nowhere;
    }

    @Override
    Map<String, String> ownTypes() {
        Map<String, String> types = new HashMap<>();
        types.put("tiny", "tinyint");
        types.put("content", "varbinary(100)");
        types.put("blob", "blob");
        types.put("clob", "clob");
        types.put("doc", "json");
        return types;
    }

    @Override
    void addOwnValues(Map<String, Object> row) {
        row.put("tiny", 1);
        row.put("content", new byte[] {0, 1, -1});
        row.put("blob", new byte[] {0, 1, -1});
        row.put("clob", "long\0text");
        row.put("doc", "{\"a\":[1,null,\"x\"]}");
    }

    @Test
    void attaching_makes_commits_durable() throws SQLException {
        assertThat(strings("SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'WRITE_DELAY'"))
                .containsOnly("0");
    }

    @Test
    void a_case_insensitive_key_has_a_problem_with_keys() throws SQLException {
        execute("DROP TABLE IF EXISTS \"people\"");
        execute("CREATE TABLE \"people\" (\"name\" VARCHAR_IGNORECASE(20) PRIMARY KEY, \"n\" bigint)");

        Column name = sink.describe("people").columns().get("name");

        assertThat(name.type().keyProblem()).contains("case-insensitive");
    }

    @Test
    void names_that_were_folded_to_upper_case_are_found_in_lower_case() throws SQLException {
        execute("DROP TABLE IF EXISTS folded");
        execute("CREATE TABLE folded (id bigint PRIMARY KEY, n bigint)");

        apply(row("FOLDED", 1, upsert("N", add(1))));

        assertThat(sink.describe("folded").name()).isEqualTo("FOLDED");
        assertThat(values("FOLDED", 1)).containsEntry("N", 1L);
    }

    @Test
    void a_cascade_within_a_batch_is_no_surprise() throws SQLException {
        execute("DROP TABLE IF EXISTS \"tree\"");
        execute("CREATE TABLE \"tree\" (\"id\" bigint PRIMARY KEY,"
                + " \"up\" bigint REFERENCES \"tree\" ON DELETE CASCADE, \"n\" bigint)");
        execute("INSERT INTO \"tree\" VALUES (1, NULL, 0), (2, 1, 0), (3, 2, 0)");

        assertThat(apply(row("tree", 1, stage(DELETE)), row("tree", 2, stage(DELETE)))
                        .deadLetters())
                .isEmpty();

        assertThat(exists("tree", 3)).isFalse();
    }

    /** H2 cannot be interrupted while it waits for a lock. */
    @Test
    void a_wait_for_a_lock_ends_with_the_flush_timeout() throws SQLException {
        apply(row("counters", 1, upsert("views", add(1))));
        Batch batch = batch(List.of(row("counters", 1, upsert("views", add(5)))), List.of());
        JdbcDataSource patient = new JdbcDataSource();
        patient.setURL(database.getURL());
        Sink waiting = createSink(patient, new SinkSettings(Duration.ofMillis(300), true));
        execute("SET DEFAULT_LOCK_TIMEOUT 60000");
        try (Connection other = database.getConnection();
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("UPDATE \"counters\" SET \"views\" = 0 WHERE \"id\" = 1");

            assertTimeoutPreemptively(
                    Duration.ofSeconds(20),
                    () -> assertThatThrownBy(() -> waiting.apply(batch)).isInstanceOf(TransientSinkException.class));

            other.rollback();
        } finally {
            execute("SET DEFAULT_LOCK_TIMEOUT 2000");
        }
        assertThat(sink.apply(batch).alreadyApplied()).isFalse();
        assertThat(values("counters", 1)).containsEntry("views", 6L);
    }

    @Test
    void a_pooled_connection_is_given_back_as_it_was() throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setDataSource(database);
        config.setMaximumPoolSize(1);
        try (HikariDataSource pool = new HikariDataSource(config);
                Connection raw = database.getConnection()) {
            raw.setTransactionIsolation(Connection.TRANSACTION_SERIALIZABLE);
            raw.setAutoCommit(false);
            Sink pooled = createSink(pool, settings());
            pooled.apply(batch(List.of(row("counters", 1, upsert("views", add(5)))), List.of()));
            Sink single = createSink(SingleConnection.handingOut(raw), settings());
            single.apply(batch(List.of(row("counters", 1, upsert("views", add(5)))), List.of()));

            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
            assertThat(raw.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
            assertThat(raw.getAutoCommit()).isFalse();
        }
        assertThat(values("counters", 1)).containsEntry("views", 10L);
    }
}
