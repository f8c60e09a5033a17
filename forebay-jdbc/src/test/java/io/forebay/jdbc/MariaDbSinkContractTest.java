package io.forebay.jdbc;

import static io.forebay.spi.Stage.Kind.DELETE;
import static io.forebay.spi.Stage.Kind.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Bytes;
import io.forebay.spi.Column;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Sink;
import io.forebay.spi.TransientSinkException;
import io.forebay.testservers.MariaDbServer;
import io.forebay.testservers.TestServer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mariadb.jdbc.MariaDbDataSource;

/** On a real server with durable commits. */
class MariaDbSinkContractTest extends ServerSinkContract {
    static MariaDbServer server;

    @BeforeAll
    static void startServer() {
        server = MariaDbServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @Override
    protected DataSource dataSource() {
        return server.dataSource();
    }

    @Override
    protected DataSource testersDataSource() {
        return server.dataSource(server.port(), "&sessionVariables=sql_mode='ANSI_QUOTES,STRICT_ALL_TABLES'");
    }

    @Override
    protected DataSource unreachable() {
        return server.dataSource(1, "");
    }

    @Override
    protected String momentType() {
        return "timestamp(6) NULL";
    }

    @Override
    protected String madeKeyType() {
        return "bigint AUTO_INCREMENT PRIMARY KEY";
    }

    @Override
    String kind() {
        return "mariadb";
    }

    @Override
    TestServer server() {
        return server;
    }

    @Override
    DataSource freshPlace() throws SQLException {
        execute("DROP DATABASE IF EXISTS fresh");
        execute("CREATE DATABASE fresh");
        return new MariaDbDataSource(server.jdbcUrl("fresh"));
    }

    @Override
    String waitingForLock() {
        return "SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";
    }

    @Override
    String deadlockState() {
        return "40001";
    }

    @Override
    Map<String, String> ownTypes() {
        Map<String, String> types = new HashMap<>();
        types.put("single", "float");
        types.put("stamp", "datetime(6)");
        types.put("moment", "timestamp(3) NULL");
        types.put("tiny", "tinyint");
        types.put("middle", "mediumint unsigned");
        types.put("large", "bigint unsigned");
        types.put("long_text", "longtext");
        types.put("content", "varbinary(100)");
        types.put("fixed", "binary(3)");
        types.put("blob", "blob");
        types.put("doc", "json");
        return types;
    }

    @Override
    void addOwnValues(Map<String, Object> row) {
        row.computeIfPresent("moment", (name, moment) -> later((Instant) moment));
        row.put("tiny", -128);
        row.put("middle", 16_777_215);
        row.put("large", Long.MAX_VALUE);
        row.put("long_text", "\ud83d\ude00 \"quoted\", {braces} \\ and 'more'\0\n");
        row.put("content", new byte[] {0, 1, -1});
        row.put("fixed", new byte[] {0, 1, -1});
        row.put("blob", new byte[] {0, 1, -1});
        row.put("doc", "{\"a\" : [1,null,\"x\"]}");
    }

    /** A timestamp begins with 1970. */
    private static Instant later(Instant moment) {
        Instant first = Instant.ofEpochSecond(1);
        return moment.isBefore(first) ? first : moment;
    }

    // ---- settings

    @Test
    void a_server_that_may_lose_commits_is_refused() {
        try (MariaDbServer careless = MariaDbServer.create("innodb_flush_log_at_trx_commit=2")) {
            Sink refused = createSink(careless.dataSource(), settings());

            assertThatThrownBy(() -> refused.attach(journal, 4, null))
                    .isInstanceOf(SchemaFaultException.class)
                    .hasMessageContaining("innodb_flush_log_at_trx_commit=2");
        }
    }

    @Test
    void a_binary_log_that_may_lose_commits_is_refused() throws SQLException {
        try (MariaDbServer logging = MariaDbServer.create("log_bin=log", "sync_binlog=0", "binlog_format=STATEMENT")) {
            Sink refused = createSink(logging.dataSource(), settings());

            assertThatThrownBy(() -> refused.attach(journal, 4, null))
                    .isInstanceOf(SchemaFaultException.class)
                    .hasMessageContaining("sync_binlog=0");
            executeOn(logging, "SET GLOBAL sync_binlog = 1");
            assertThatThrownBy(() -> refused.attach(journal, 4, null))
                    .isInstanceOf(SchemaFaultException.class)
                    .hasMessageContaining("binlog_format=STATEMENT");
            executeOn(logging, "SET GLOBAL binlog_format = 'ROW'");
            assertThat(refused.attach(journal, 4, null)).isNotNull();
        }
    }

    @Test
    void a_read_only_server_is_tried_again_later() throws SQLException {
        executeOn(server, "SET GLOBAL read_only = 1");
        try {
            assertThatThrownBy(() -> sink.attach(UUID.randomUUID(), 1, null))
                    .isInstanceOf(TransientSinkException.class)
                    .hasMessageContaining("read-only");
        } finally {
            executeOn(server, "SET GLOBAL read_only = 0");
        }
    }

    @Test
    void a_driver_that_counts_only_changed_rows_is_refused() {
        Sink refused = createSink(server.dataSource(server.port(), "&useAffectedRows=true"), settings());

        assertThatThrownBy(() -> refused.attach(journal, 4, null))
                .isInstanceOf(SchemaFaultException.class)
                .hasMessageContaining("useAffectedRows");
    }

    /** The session's own settings are nobody else's business; the trigger writes down what holds inside of the flush. */
    @Test
    void settings_hold_in_the_flush_and_are_put_back_after_it() throws SQLException {
        execute("DROP TABLE IF EXISTS seen_settings");
        execute("CREATE TABLE seen_settings (mode text, isolation text, zone text, waiting bigint)");
        execute("CREATE TRIGGER t BEFORE INSERT ON \"counters\" FOR EACH ROW INSERT INTO seen_settings"
                + " VALUES (@@sql_mode, @@tx_isolation, @@time_zone, @@wait_timeout)");
        HikariConfig config = new HikariConfig();
        config.setDataSource(dataSource());
        config.setMaximumPoolSize(1);
        config.setConnectionInitSql("SET SESSION sql_mode = '', time_zone = '+05:00', wait_timeout = 1234");
        try (HikariDataSource pool = new HikariDataSource(config)) {
            createSink(pool, settings()).apply(batch(List.of(row("counters", 1, upsert("views", add(1)))), List.of()));

            try (Connection after = pool.getConnection();
                    Statement statement = after.createStatement();
                    ResultSet row = statement.executeQuery(
                            "SELECT CONCAT_WS(' ', @@sql_mode, @@tx_isolation, @@time_zone, @@wait_timeout)")) {
                row.next();
                assertThat(row.getString(1)).isEqualTo(" REPEATABLE-READ +05:00 1234");
            }
        }
        assertThat(strings("SELECT CONCAT_WS(' ', isolation, zone, waiting) FROM seen_settings"))
                .containsExactly("READ-COMMITTED +00:00 10");
        assertThat(strings("SELECT mode FROM seen_settings")).first().asString().contains("STRICT_ALL_TABLES");
    }

    // ---- locks

    /** Each row is found by its key, so that rows in between stay free for others. */
    @Test
    void only_the_rows_of_the_batch_are_locked() throws Exception {
        execute("INSERT INTO \"counters\" (\"id\", \"views\") VALUES (1, 0), (2, 0), (3, 0)");
        try (Connection other = holding("UPDATE \"counters\" SET \"views\" = 7 WHERE \"id\" = 2")) {
            apply(row("counters", 1, upsert("views", add(5))), row("counters", 3, upsert("views", add(5))));
            other.commit();
        }
        assertThat(values("counters", 3)).containsEntry("views", 5L);
    }

    // ---- tables, keys and values

    @Test
    void a_table_that_takes_nothing_back_is_refused() throws SQLException {
        execute("DROP TABLE IF EXISTS loose");
        execute("CREATE TABLE loose (id bigint PRIMARY KEY) ENGINE = MyISAM");

        assertThatThrownBy(() -> sink.describe("loose"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("MyISAM")
                .hasMessageContaining("InnoDB");
    }

    @Test
    void keys_that_take_different_values_for_equal_have_a_problem() throws SQLException {
        execute("DROP TABLE IF EXISTS many_keys");
        execute("CREATE TABLE many_keys (a varchar(20) COLLATE utf8mb4_general_ci, b varchar(20) COLLATE utf8mb4_bin,"
                + " c char(4) COLLATE utf8mb4_nopad_bin, d timestamp(6), e varchar(99) COLLATE utf8mb4_nopad_bin,"
                + " f varchar(20) COLLATE utf8mb4_nopad_bin, PRIMARY KEY (a, b, c, d, e(9), f))");

        Map<String, Column> columns = sink.describe("many_keys").columns();

        for (String name : List.of("a", "b", "c", "d", "e"))
            assertThat(columns.get(name).type().keyProblem()).as(name).isNotEmpty();
        assertThat(columns.get("f").type().keyProblem()).isEmpty();
    }

    /** Rule M2. */
    @Test
    void two_spellings_of_one_row_are_a_fault_not_a_lost_increment() throws SQLException {
        execute("DROP TABLE IF EXISTS people");
        execute("CREATE TABLE people (name varchar(20) COLLATE utf8mb4_general_ci PRIMARY KEY, n bigint)");
        execute("INSERT INTO people VALUES ('bob', 0)");
        Batch present = batch(
                List.of(
                        row("people", "Bob", stage(UPDATE, "n", add(1))),
                        row("people", "bob", stage(UPDATE, "n", add(10)))),
                List.of());

        assertThatThrownBy(() -> sink.apply(present))
                .isInstanceOf(SchemaFaultException.class)
                .hasMessageContaining("2 rows changed 1");

        assertThat(strings("SELECT n FROM people")).containsExactly("0");
    }

    @Test
    void texts_that_differ_in_case_or_in_spaces_are_different_keys() throws SQLException {
        execute("DROP TABLE IF EXISTS people");
        execute("CREATE TABLE people (name varchar(20) COLLATE utf8mb4_nopad_bin PRIMARY KEY, n bigint)");
        List<String> names = List.of("bob", "Bob", "bob ", "b\u00f6b", "\ud83d\ude00 \"it's\" \\ \0");
        for (int round = 0; round < 2; round++)
            apply(names.stream()
                    .map(name -> row("people", name, upsert("n", add(1))))
                    .toArray(PendingRow[]::new));

        for (String name : names) assertThat(values("people", name)).as(name).containsEntry("n", 2L);
    }

    @Test
    void texts_stay_whole_in_a_database_of_another_character_set() throws SQLException {
        execute("CREATE DATABASE IF NOT EXISTS latin CHARACTER SET latin1");
        execute("DROP TABLE IF EXISTS latin.texts");
        execute(
                "CREATE TABLE latin.texts (id bigint PRIMARY KEY, plain varchar(20), wide varchar(20) CHARACTER SET utf8mb4)");

        BatchResult result = apply(
                row("latin.texts", 1, upsert("plain", set("caf\u00e9"), "wide", set("\ud83d\ude00"))),
                row("latin.texts", 2, upsert("plain", set("\ud83d\ude00"))));

        assertThat(values("latin.texts", 1)).containsEntry("plain", "caf\u00e9").containsEntry("wide", "\ud83d\ude00");
        assertThat(result.deadLetters()).extracting(DeadLetter::state).containsExactly("22018");
    }

    @Test
    void keys_of_every_other_type_are_found() throws SQLException {
        execute("DROP TABLE IF EXISTS keyed");
        execute("CREATE TABLE keyed (a bigint unsigned, b decimal(9,3), c binary(2), d date, e datetime(6), f time(3),"
                + " g uuid, h tinyint(1), n bigint, PRIMARY KEY (a, b, c, d, e, f, g, h))");
        RowKey key = RowKey.of(
                "keyed",
                List.of(
                        Long.MAX_VALUE,
                        new BigDecimal("1.500"),
                        Bytes.copyOf(new byte[] {0, -1}),
                        LocalDate.of(2026, 11, 21),
                        LocalDateTime.of(2026, 11, 21, 12, 0, 0, 1000),
                        LocalTime.of(23, 59),
                        new UUID(1, 2),
                        true));
        for (int i = 0; i < 2; i++) apply(new PendingRow(key, List.of(upsert("n", add(1)))));

        assertThat(sink.read(journal, 0, sink.describe("keyed"), key).columns().orElseThrow())
                .containsEntry("n", 2L);
    }

    @Test
    void what_the_server_refuses_is_refused_alone() throws SQLException {
        execute("DROP TABLE IF EXISTS strict");
        execute("CREATE TABLE strict (id bigint PRIMARY KEY, fixed binary(3), seen timestamp NULL, n int unsigned,"
                + " must int NOT NULL DEFAULT 1, doc json, CHECK (n < 100))");
        BatchResult result = apply(
                row("strict", 1, upsert("fixed", set(Bytes.copyOf(new byte[] {1, 2})))),
                row("strict", 2, upsert("seen", set(Instant.parse("1969-01-01T00:00:00Z")))),
                row("strict", 3, upsert("n", add(-1))),
                row("strict", 4, upsert("n", add(100))),
                row("strict", 5, upsert("must", set(null))),
                row("strict", 6, upsert("doc", set("{no json"))),
                row("strict", 7, upsert("n", add(7))));

        assertThat(result.deadLetters())
                .extracting(DeadLetter::state)
                .containsExactlyInAnyOrder("22026", "22007", "22003", "23514", "23502", "23514");
        assertThat(values("strict", 7)).containsEntry("n", 7L);
    }

    @Test
    void a_row_a_trigger_refuses_is_a_dead_letter() throws SQLException {
        execute("CREATE TRIGGER t BEFORE INSERT ON \"counters\" FOR EACH ROW"
                + " SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'not this one'");

        assertThat(apply(row("counters", 1, upsert("views", add(1)))).deadLetters())
                .extracting(DeadLetter::state)
                .containsExactly("45000");
    }

    @Test
    void what_the_server_holds_and_java_cannot_is_read_without_an_error() throws SQLException {
        execute("SET STATEMENT sql_mode = '' FOR INSERT INTO everything (id, day, stamp, clock, large)"
                + " VALUES (1, '0000-00-00', '2026-00-00 00:00:00', '99:00:00', 18446744073709551615)");

        assertThat(values("everything", 1)).containsEntry("large", new BigDecimal("18446744073709551615"));
    }

    @Test
    void a_batch_longer_than_a_packet_is_sent_in_parts_and_a_longer_row_names_the_setting() throws SQLException {
        execute("SET GLOBAL max_allowed_packet = 1048576");
        try {
            execute("DROP TABLE IF EXISTS long_rows");
            execute("CREATE TABLE long_rows (id bigint PRIMARY KEY, n bigint, body longtext)");
            List<PendingRow> rows = new ArrayList<>();
            for (int i = 0; i < 30; i++)
                rows.add(row("long_rows", i, upsert("n", add(i), "body", set("\"".repeat(50_000)))));

            for (int round = 0; round < 2; round++) apply(rows, List.of());

            assertThat(strings("SELECT CONCAT_WS(' ', COUNT(*), SUM(n), SUM(LENGTH(body))) FROM long_rows"))
                    .containsExactly("30 870 1500000");
            assertThatThrownBy(() -> apply(row("long_rows", 1, upsert("body", set("x".repeat(1 << 20))))))
                    .isInstanceOf(SchemaFaultException.class)
                    .hasMessageContaining("max_allowed_packet");
        } finally {
            execute("SET GLOBAL max_allowed_packet = 16777216");
        }
    }

    @Test
    void a_row_without_columns_is_appended() throws SQLException {
        execute("DROP TABLE IF EXISTS ticks");
        execute("CREATE TABLE ticks (no bigint AUTO_INCREMENT PRIMARY KEY, note varchar(5))");

        apply(List.of(), List.of(append("ticks"), append("ticks")));

        assertThat(strings("SELECT no FROM ticks")).hasSize(2);
    }

    @Test
    void a_parents_delete_that_takes_its_children_along_is_no_surprise() throws SQLException {
        execute("DROP TABLE IF EXISTS tree");
        execute("CREATE TABLE tree (id bigint PRIMARY KEY, up bigint, n bigint,"
                + " FOREIGN KEY (up) REFERENCES tree (id) ON DELETE CASCADE)");
        execute("INSERT INTO tree VALUES (1, NULL, 0), (2, 1, 0), (3, 2, 0)");

        assertThat(apply(row("tree", 1, stage(DELETE)), row("tree", 2, stage(DELETE)))
                        .deadLetters())
                .isEmpty();

        assertThat(exists("tree", 3)).isFalse();
    }

    private static DataSource of(String database) {
        try {
            return new MariaDbDataSource(server.jdbcUrl(database));
        } catch (SQLException e) {
            throw new IllegalArgumentException(database, e);
        }
    }

    private static void executeOn(MariaDbServer target, String sql) throws SQLException {
        try (Connection connection = target.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
