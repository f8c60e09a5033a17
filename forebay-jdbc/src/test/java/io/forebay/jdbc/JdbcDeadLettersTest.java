package io.forebay.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.MissingRow;
import io.forebay.spi.Batch;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.SinkSettings;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TransientSinkException;
import io.forebay.testservers.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class JdbcDeadLettersTest {
    private static PostgresServer server;

    private final DataSource dataSource = server.dataSource();
    private final JdbcDeadLetters deadLetters = new JdbcDeadLetters(dataSource);

    @BeforeAll
    static void startServer() {
        server = PostgresServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    /** One update of row 7, which is missing, and one append without its value. */
    @BeforeEach
    void refuse() throws SQLException {
        execute("DROP TABLE IF EXISTS counters, audit, forebay_dead_letter");
        execute("CREATE TABLE counters (id bigint PRIMARY KEY, n bigint)");
        execute("CREATE TABLE audit (what text NOT NULL)");
        refuse(dataSource);
    }

    @Test
    void they_are_listed_with_what_was_refused() {
        List<JdbcDeadLetters.Entry> entries = deadLetters.list(10);

        assertThat(entries).hasSize(2);
        assertThat(entries.get(0).letter().key()).isEqualTo(RowKey.of("counters", List.of(7L)));
        assertThat(entries.get(0).letter().state()).isEqualTo("02000");
        assertThat(entries.get(0).attempts()).isEqualTo(1);
        assertThat(entries.get(1).letter().key()).isNull();
        assertThat(entries.get(1).letter().state()).isEqualTo("23502");
        assertThat(deadLetters.list(1)).hasSize(1);
    }

    @Test
    void a_replay_applies_what_passes_now_and_keeps_the_rest_with_one_attempt_more() throws SQLException {
        execute("INSERT INTO counters VALUES (7, 100)");

        assertThat(deadLetters.replay(entry -> true)).isEqualTo(new JdbcDeadLetters.Replayed(1, 1));

        assertThat(query("SELECT n FROM counters WHERE id = 7")).isEqualTo("105");
        assertThat(deadLetters.list(10)).singleElement().satisfies(entry -> {
            assertThat(entry.attempts()).isEqualTo(2);
            assertThat(entry.letter().table()).isEqualTo("audit");
        });
    }

    @Test
    void a_replayed_append_is_inserted() throws SQLException {
        execute("ALTER TABLE audit ALTER COLUMN what DROP NOT NULL");

        deadLetters.replay(entry -> entry.letter().table().equals("audit"));

        assertThat(query("SELECT count(*) FROM audit")).isEqualTo("1");
        assertThat(deadLetters.list(10)).hasSize(1);
    }

    /** Rule D9. */
    @Test
    void two_replays_at_once_apply_each_once() throws SQLException {
        execute("INSERT INTO counters VALUES (7, 100)");
        List<CompletableFuture<JdbcDeadLetters.Replayed>> replays = new ArrayList<>();
        for (int i = 0; i < 4; i++)
            replays.add(CompletableFuture.supplyAsync(
                    () -> deadLetters.replay(entry -> entry.letter().key() != null)));

        int applied =
                replays.stream().mapToInt(replay -> replay.join().applied()).sum();

        assertThat(applied).isEqualTo(1);
        assertThat(query("SELECT n FROM counters WHERE id = 7")).isEqualTo("105");
    }

    /** Rule D9: the row and the dead letter are one transaction. */
    @Test
    void a_replay_that_cannot_remove_the_dead_letter_applies_nothing() throws SQLException {
        execute("INSERT INTO counters VALUES (7, 100)");
        execute("CREATE OR REPLACE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN RAISE EXCEPTION ''no'' USING ERRCODE = ''57P01''; END'");
        execute("CREATE TRIGGER t BEFORE DELETE ON forebay_dead_letter FOR EACH ROW EXECUTE FUNCTION no()");

        assertThatThrownBy(() -> deadLetters.replay(entry -> true)).isInstanceOf(TransientSinkException.class);

        assertThat(query("SELECT n FROM counters WHERE id = 7")).isEqualTo("100");
        assertThat(deadLetters.list(10)).hasSize(2);
    }

    @Test
    void a_dropped_one_is_gone() {
        assertThat(deadLetters.drop(entry -> entry.letter().key() != null)).isEqualTo(1);

        assertThat(deadLetters.list(10)).hasSize(1);
    }

    @Test
    void on_h2_they_are_replayed_too() throws SQLException {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:letters;DB_CLOSE_DELAY=-1;DATABASE_TO_UPPER=FALSE");
        execute(h2, "CREATE TABLE counters (id bigint PRIMARY KEY, n bigint)");
        execute(h2, "CREATE TABLE audit (what varchar NOT NULL)");
        refuse(h2);
        execute(h2, "INSERT INTO counters VALUES (7, 100)");

        assertThat(new JdbcDeadLetters(h2).replay(entry -> true)).isEqualTo(new JdbcDeadLetters.Replayed(1, 1));

        assertThat(new JdbcDeadLetters(h2).list(10)).hasSize(1);
    }

    private static void refuse(DataSource dataSource) {
        JdbcSink sink = new JdbcSink(dataSource, new SinkSettings(Duration.ofSeconds(5), true));
        UUID journal = UUID.randomUUID();
        sink.attach(journal, 1, null);
        Map<String, TableDefinition> tables = new HashMap<>();
        for (String table : List.of("counters", "audit"))
            tables.put(table, new TableDefinition(sink.describe(table), MissingRow.DEAD_LETTER, null, null, false));
        Stage update = new Stage(Stage.Kind.UPDATE, Map.of("n", new ColumnChange.Add(5L)));
        Map<String, Object> nothing = new HashMap<>();
        nothing.put("what", null);
        sink.apply(new Batch(
                journal,
                0,
                sink.own(journal, 0).epoch(),
                0,
                10,
                UUID.randomUUID(),
                List.of(new PendingRow(RowKey.of("counters", List.of(7L)), List.of(update))),
                List.of(new PendingAppend("audit", nothing)),
                tables));
    }

    private void execute(String sql) throws SQLException {
        execute(dataSource, sql);
    }

    private static void execute(DataSource dataSource, String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String query(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }
}
