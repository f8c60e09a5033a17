package io.forebay.jdbc;

import static io.forebay.spi.Stage.Kind.DELETE;
import static io.forebay.spi.Stage.Kind.INSERT;
import static io.forebay.spi.Stage.Kind.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Sink;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import io.forebay.testservers.PostgresServer;
import io.forebay.testservers.TcpProxy;
import io.forebay.testservers.TestServer;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** On a real server with fsync on. */
final class PostgresSinkContractTest extends ServerSinkContract {
    private static PostgresServer server;
    private TcpProxy proxy;

    @BeforeAll
    static void startServer() {
        server = PostgresServer.create("deadlock_timeout=100ms");
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @BeforeEach
    void openProxy() {
        proxy = TcpProxy.to(server.host(), server.port());
    }

    @AfterEach
    void closeProxy() {
        proxy.close();
    }

    @Override
    protected DataSource dataSource() {
        return server.dataSource();
    }

    @Override
    protected DataSource unreachable() {
        return server.dataSource(1);
    }

    @Override
    String kind() {
        return "postgresql";
    }

    @Override
    TestServer server() {
        return server;
    }

    @Override
    DataSource freshPlace() throws SQLException {
        execute("DROP SCHEMA IF EXISTS fresh CASCADE");
        execute("CREATE SCHEMA fresh");
        PGSimpleDataSource place = server.dataSource(server.port());
        place.setCurrentSchema("fresh");
        return place;
    }

    @Override
    String waitingForLock() {
        return "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    }

    @Override
    String deadlockState() {
        return "40P01";
    }

    @Override
    Map<String, String> ownTypes() {
        Map<String, String> types = new HashMap<>();
        types.put("free", "numeric");
        types.put("long_text", "text");
        types.put("content", "bytea");
        types.put("doc", "json");
        types.put("docb", "jsonb");
        return types;
    }

    @Override
    void addOwnValues(Map<String, Object> row) {
        row.put("free", new BigDecimal("1E+30"));
        row.put("long_text", "\ud83d\ude00 \"quoted\", {braces} \\ and 'more'");
        row.put("content", new byte[] {0, 1, -1});
        row.put("doc", "{\"a\" : [1,null,\"x\"]}");
        row.put("docb", "{\"a\": [1, null, \"x\"]}");
    }

    // ---- around COMMIT, rule T

    @Test
    void a_commit_that_was_not_delivered_is_applied_by_the_retry() {
        Sink through = throughProxy();
        Batch batch = batch(List.of(row("counters", 1, upsert("views", add(5)))), List.of());
        proxy.dropCommit();
        assertThatThrownBy(() -> through.apply(batch)).isInstanceOf(TransientSinkException.class);

        BatchResult retry = through.apply(batch);

        assertThat(retry.alreadyApplied()).isFalse();
        assertThat(values("counters", 1)).containsEntry("views", 5L);
    }

    @Test
    void a_commit_whose_reply_was_lost_is_not_applied_again() {
        Sink through = throughProxy();
        Batch batch = batch(List.of(row("counters", 1, upsert("views", add(5)))), List.of());
        proxy.loseCommitReply();
        assertThatThrownBy(() -> through.apply(batch)).isInstanceOf(TransientSinkException.class);

        BatchResult retry = through.apply(batch);

        assertThat(retry.alreadyApplied()).isTrue();
        assertThat(values("counters", 1)).containsEntry("views", 5L);
    }

    @Test
    void a_retry_waits_for_a_commit_that_is_still_running() throws Exception {
        Sink through = throughProxy();
        Batch batch = batch(List.of(row("counters", 1, upsert("views", add(5)))), List.of());
        proxy.holdCommit();
        assertThatThrownBy(() -> through.apply(batch)).isInstanceOf(TransientSinkException.class);

        CompletableFuture<BatchResult> retry = CompletableFuture.supplyAsync(() -> through.apply(batch));
        awaitWaitingForLock();
        assertThat(retry).isNotDone();
        proxy.releaseCommit();

        assertThat(retry.get(10, TimeUnit.SECONDS).alreadyApplied()).isTrue();
        assertThat(values("counters", 1)).containsEntry("views", 5L);
    }

    @Test
    void a_connection_cut_in_the_middle_leaves_nothing_behind() throws Exception {
        Sink through = throughProxy();
        Batch batch = batch(List.of(row("counters", 1, upsert("views", add(5)))), List.of());
        try (Connection other = holding("LOCK TABLE \"counters\"")) {
            CompletableFuture<BatchResult> first = CompletableFuture.supplyAsync(() -> through.apply(batch));
            awaitWaitingForLock();
            proxy.cut();
            assertThatThrownBy(() -> first.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(TransientSinkException.class);
            other.rollback();
        }

        assertThat(through.apply(batch).alreadyApplied()).isFalse();
        assertThat(values("counters", 1)).containsEntry("views", 5L);
    }

    // ---- hanging and waiting

    @Test
    void an_abort_leaves_other_partitions_alone() throws Exception {
        Batch batch = batch(List.of(row("counters", 1, upsert("views", add(5)))), List.of());
        try (Connection other = holding("LOCK TABLE \"counters\"")) {
            CompletableFuture<BatchResult> waiting = CompletableFuture.supplyAsync(() -> sink.apply(batch));
            awaitWaitingForLock();

            sink.abort(journal, 1);
            other.rollback();

            assertThat(waiting.get(5, TimeUnit.SECONDS).alreadyApplied()).isFalse();
        }
    }

    // ---- settings

    /** The trigger writes down what holds inside of the flush. */
    @Test
    void a_role_that_commits_without_waiting_is_overruled() throws SQLException {
        execute("DROP TABLE IF EXISTS seen_settings");
        execute("CREATE TABLE seen_settings (commit_mode text, isolation text)");
        execute("CREATE OR REPLACE FUNCTION note_settings() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN INSERT INTO seen_settings VALUES (current_setting(''synchronous_commit''),"
                + " current_setting(''transaction_isolation'')); RETURN NEW; END'");
        execute("CREATE TRIGGER t BEFORE INSERT ON \"counters\" FOR EACH ROW EXECUTE FUNCTION note_settings()");
        execute("ALTER ROLE postgres SET synchronous_commit = off");
        execute("ALTER ROLE postgres SET default_transaction_isolation = 'repeatable read'");
        try {
            apply(row("counters", 1, upsert("views", add(1))));
        } finally {
            execute("ALTER ROLE postgres RESET ALL");
        }
        assertThat(strings("SELECT commit_mode || ', ' || isolation FROM seen_settings"))
                .containsExactly("on, read committed");
    }

    @Test
    void a_server_without_fsync_is_refused() {
        try (PostgresServer careless = PostgresServer.create("fsync=off")) {
            Sink refused = createSink(careless.dataSource(), settings());

            assertThatThrownBy(() -> refused.attach(journal, 4, null))
                    .isInstanceOf(SchemaFaultException.class)
                    .hasMessageContaining("fsync");
        }
    }

    @Test
    void its_description_names_the_database_without_the_user() {
        assertThat(sink.description()).isEqualTo("postgresql://127.0.0.1:" + server.port() + "/postgres");
    }

    // ---- constraints and keys

    /** Rule D4. */
    @Test
    void a_deferred_foreign_key_is_checked_at_once() throws SQLException {
        execute("ALTER TABLE \"children\" ALTER CONSTRAINT \"children_parent_fkey\" DEFERRABLE INITIALLY DEFERRED");

        BatchResult result = apply(
                row("children", 1, stage(INSERT, "parent", set(7L))), row("counters", 1, upsert("views", add(1))));

        assertThat(result.deadLetters()).extracting(DeadLetter::state).containsExactly("23503");
        assertThat(values("counters", 1)).containsEntry("views", 1L);
    }

    /** Rule M2. */
    @Test
    void two_spellings_of_one_row_are_a_fault_not_a_lost_increment() throws SQLException {
        execute("CREATE EXTENSION IF NOT EXISTS citext");
        execute("DROP TABLE IF EXISTS \"people\"");
        execute("CREATE TABLE \"people\" (\"name\" citext PRIMARY KEY, \"n\" bigint)");
        assertThat(sink.describe("people").columns().get("name").type().keyProblem())
                .contains("case-insensitive");
        execute("INSERT INTO \"people\" VALUES ('bob', 0)");
        Batch present = batch(
                List.of(
                        row("people", "Bob", stage(UPDATE, "n", add(1))),
                        row("people", "bob", stage(UPDATE, "n", add(10)))),
                List.of());

        assertThatThrownBy(() -> sink.apply(present))
                .isInstanceOf(SchemaFaultException.class)
                .hasMessageContaining("2 rows changed 1");

        assertThat(strings("SELECT \"n\" FROM \"people\"")).containsExactly("0");
    }

    @Test
    void two_spellings_of_one_missing_row_are_a_fault() throws SQLException {
        execute("CREATE EXTENSION IF NOT EXISTS citext");
        execute("DROP TABLE IF EXISTS \"people\"");
        execute("CREATE TABLE \"people\" (\"name\" citext PRIMARY KEY, \"n\" bigint)");
        Batch absent = batch(
                List.of(row("people", "Bob", upsert("n", add(1))), row("people", "bob", upsert("n", add(10)))),
                List.of());

        assertThatThrownBy(() -> sink.apply(absent)).isInstanceOf(SchemaFaultException.class);
    }

    @Test
    void a_collation_that_ignores_case_has_a_problem_with_keys() throws SQLException {
        execute("DROP TABLE IF EXISTS \"people\"");
        execute(
                "CREATE COLLATION IF NOT EXISTS loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false)");
        execute("CREATE TABLE \"people\" (\"name\" text COLLATE loose PRIMARY KEY)");

        assertThat(sink.describe("people").columns().get("name").type().keyProblem())
                .contains("collation");
    }

    @Test
    void a_trigger_that_drops_rows_is_a_fault() throws SQLException {
        execute("CREATE OR REPLACE FUNCTION drop_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
        execute("CREATE TRIGGER t BEFORE INSERT ON \"counters\" FOR EACH ROW EXECUTE FUNCTION drop_row()");

        assertThatThrownBy(() -> apply(row("counters", 1, upsert("views", add(1)))))
                .isInstanceOf(SchemaFaultException.class);
    }

    @Test
    void a_row_a_trigger_refuses_is_a_dead_letter() throws SQLException {
        execute("CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN RAISE EXCEPTION ''not this one''; END'");
        execute("CREATE TRIGGER t BEFORE INSERT ON \"counters\" FOR EACH ROW EXECUTE FUNCTION refuse()");

        BatchResult result = apply(row("counters", 1, upsert("views", add(1))));

        assertThat(result.deadLetters()).extracting(DeadLetter::state).containsExactly("P0001");
    }

    @Test
    void a_value_with_a_zero_character_is_refused_alone() {
        BatchResult result =
                apply(row("counters", 1, upsert("note", set("a\0b"))), row("counters", 2, upsert("note", set("ok"))));

        assertThat(result.deadLetters()).extracting(DeadLetter::state).containsExactly("22021");
        assertThat(values("counters", 2)).containsEntry("note", "ok");
    }

    @Test
    void a_parents_delete_that_takes_its_children_along_is_no_surprise() throws SQLException {
        execute("ALTER TABLE \"children\" DROP CONSTRAINT \"children_parent_fkey\"");
        execute("ALTER TABLE \"children\" ADD FOREIGN KEY (\"parent\") REFERENCES \"parents\" ON DELETE CASCADE");
        execute("INSERT INTO \"parents\" VALUES (1)");
        execute("INSERT INTO \"children\" VALUES (1, 1)");

        BatchResult result = apply(
                row("children", 1, stage(UPDATE, "parent", set(1L)), upsert("parent", set(1L))),
                row("parents", 1, stage(DELETE), stage(INSERT, "name", set("again"))));

        assertThat(result.deadLetters()).isEmpty();
        assertThat(exists("children", 1)).isTrue();
    }

    // ---- many appends at once go in by COPY

    @Test
    void what_is_copied_is_what_would_be_inserted() throws SQLException {
        execute("DROP TABLE IF EXISTS \"log\", \"said\"");
        execute("CREATE TABLE \"log\" (LIKE \"everything\")");
        execute("ALTER TABLE \"log\" ALTER \"id\" DROP NOT NULL");
        execute("CREATE TABLE \"said\" (words text)");
        execute("CREATE OR REPLACE FUNCTION listen() RETURNS trigger LANGUAGE plpgsql AS"
                + " 'BEGIN INSERT INTO said VALUES (left(current_query(), 4)); RETURN NULL; END'");
        execute("CREATE TRIGGER t AFTER INSERT ON \"log\" FOR EACH STATEMENT EXECUTE FUNCTION listen()");
        List<PendingAppend> samples = appendsOfEveryType();

        for (PendingAppend sample : samples) {
            apply(List.of(), List.of(sample));
            BatchResult copied = apply(List.of(), Collections.nCopies(100, sample));
            assertThat(copied.deadLetters()).isEmpty();
        }

        assertThat(strings("SELECT words || ' ' || count(*) FROM said GROUP BY words"))
                .containsExactlyInAnyOrder("INSE " + samples.size(), "COPY " + samples.size());
        assertThat(strings("SELECT count(*) FROM \"log\" GROUP BY \"log\"::text"))
                .hasSameSizeAs(samples)
                .containsOnly("101");
    }

    private List<PendingAppend> appendsOfEveryType() {
        Map<String, Column> columns = sink.describe("log").columns();
        List<Map<String, Object>> rows = new ArrayList<>(everyValue());
        for (String text : List.of("", ".", "\\.", "\\N", "a\tb\nc\rd\\e\bf", "\\\\", "NULL", "\u2028 ende"))
            rows.add(Map.of("long_text", text));
        rows.add(Map.of("content", new byte[] {9, 10, 13, 92, 0, 127, -128}));
        List<PendingAppend> appends = new ArrayList<>();
        for (Map<String, Object> row : rows) {
            Map<String, @Nullable Object> values = new TreeMap<>();
            row.forEach((name, value) -> values.put(
                    name, Objects.requireNonNull(columns.get(name)).type().normalise(value)));
            values.putIfAbsent("doc", null);
            appends.add(new PendingAppend("log", values));
        }
        return appends;
    }

    @Test
    void a_bad_row_among_copied_ones_is_the_only_one_refused() throws SQLException {
        List<PendingAppend> appends = new ArrayList<>();
        for (int i = 0; i < 300; i++)
            appends.add(append("audit", "what", i == 217 ? "far too long for the column" : "row " + i));

        BatchResult result = apply(List.of(row("counters", 1, upsert("views", add(1)))), appends);

        assertThat(result.deadLetters()).extracting(DeadLetter::state).containsExactly("22001");
        assertThat(strings("SELECT \"what\" FROM \"audit\" ORDER BY \"no\""))
                .hasSize(299)
                .startsWith("row 0", "row 1")
                .doesNotContain("row 217")
                .endsWith("row 298", "row 299");
        assertThat(values("counters", 1)).containsEntry("views", 1L);
    }

    /** COPY would overrule it, without a word. */
    @Test
    void an_identity_that_the_database_always_makes_is_not_overruled_by_many_rows_either() throws SQLException {
        execute("ALTER TABLE \"audit\" ALTER \"no\" SET GENERATED ALWAYS");
        List<PendingAppend> appends = new ArrayList<>();
        for (long i = 0; i < 300; i++) appends.add(append("audit", "no", i, "what", "x"));

        assertThatThrownBy(() -> apply(List.of(), appends)).isInstanceOf(SchemaFaultException.class);
    }

    /** COPY would pass it by. */
    @Test
    void a_rule_holds_for_many_rows_too() throws SQLException {
        execute("CREATE RULE nothing AS ON INSERT TO \"audit\" DO INSTEAD NOTHING");
        List<PendingAppend> appends = Collections.nCopies(300, append("audit", "what", "x"));

        assertThatThrownBy(() -> apply(List.of(), appends)).isInstanceOf(SchemaFaultException.class);
        assertThat(strings("SELECT count(*) FROM \"audit\"")).containsExactly("0");
    }

    // ---- updates without a lock before them

    @Test
    void updates_of_rows_that_are_there_and_of_rows_that_are_not_go_in_together() throws SQLException {
        execute("INSERT INTO \"counters\" (\"id\", \"views\") SELECT i, 10 FROM generate_series(0, 99, 2) i");
        List<PendingRow> rows = new ArrayList<>();
        for (int id = 0; id < 100; id++)
            rows.add(row("counters", id, upsert("views", add(id)), stage(UPDATE, "hits", add(1))));

        assertThat(apply(rows, List.of()).deadLetters()).isEmpty();

        assertThat(strings("SELECT count(*) FROM \"counters\" WHERE \"hits\" = 1"
                        + " AND \"views\" = \"id\" + CASE WHEN \"id\" % 2 = 0 THEN 10 ELSE 0 END"))
                .containsExactly("100");
    }

    @Test
    void a_missing_row_among_many_updates_is_the_only_dead_letter() throws SQLException {
        execute("INSERT INTO \"counters\" (\"id\", \"views\") SELECT i, 0 FROM generate_series(0, 99) i WHERE i <> 50");
        List<PendingRow> rows = new ArrayList<>();
        for (int id = 0; id < 100; id++) rows.add(row("counters", id, stage(UPDATE, "views", add(1))));

        BatchResult result = apply(rows, List.of());

        assertThat(result.deadLetters()).extracting(DeadLetter::state).containsExactly("02000");
        assertThat(strings("SELECT sum(\"views\") FROM \"counters\"")).containsExactly("99");
    }

    @Test
    void a_trigger_that_keeps_rows_from_being_updated_is_a_fault() throws SQLException {
        apply(row("counters", 1, upsert("views", add(1))), row("counters", 2, upsert("views", add(1))));
        execute("CREATE OR REPLACE FUNCTION drop_row() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
        execute("CREATE TRIGGER t BEFORE UPDATE ON \"counters\" FOR EACH ROW EXECUTE FUNCTION drop_row()");

        assertThatThrownBy(() -> apply(row("counters", 1, upsert("views", add(1)))))
                .isInstanceOf(SchemaFaultException.class);
    }

    // ---- reading

    @Test
    void a_read_through_a_pool_that_does_not_commit_by_itself_leaves_no_snapshot_open() throws SQLException {
        apply(row("counters", 1, upsert("views", add(1))));
        try (Connection raw = server.dataSource().getConnection()) {
            raw.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            raw.setAutoCommit(false);
            Sink reader = createSink(SingleConnection.handingOut(raw), settings());
            TableInfo counters = reader.describe("counters");

            assertThat(views(reader, counters)).isEqualTo(1L);
            apply(row("counters", 1, upsert("views", add(1))));
            assertThat(views(reader, counters)).isEqualTo(2L);
            assertThat(strings("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'"))
                    .containsExactly("0");
            assertThat(raw.getAutoCommit()).isFalse();
        }
    }

    private @Nullable Object views(Sink reader, TableInfo table) {
        return reader.read(journal, 0, table, RowKey.of("counters", List.of(1L)))
                .columns()
                .orElseThrow()
                .get("views");
    }

    @Test
    void a_table_of_another_schema_is_named_with_it() throws SQLException {
        execute("DROP SCHEMA IF EXISTS other CASCADE");
        execute("CREATE SCHEMA other");
        execute(
                "CREATE TABLE other.totals (id bigint PRIMARY KEY, n bigint DEFAULT '0', tags text[], kind int REFERENCES other.totals)");

        apply(row("other.totals", 1, upsert("n", add(1))));

        assertThat(values("other.totals", 1)).containsEntry("n", 1L).doesNotContainKey("tags");
        assertThat(sink.describe("other.totals").columns().get("tags").type())
                .isEqualTo(new ColumnType.Unsupported("_text"));
        assertThatThrownBy(() -> sink.describe("totals")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void what_postgresql_holds_and_java_cannot_is_read_without_an_error() throws SQLException {
        execute(
                "INSERT INTO \"everything\" (\"id\", \"day\", \"dbl\", \"moment\") VALUES (1, 'infinity', 'NaN', '-infinity')");

        assertThat(exists("everything", 1)).isTrue();
    }

    private Sink throughProxy() {
        return createSink(server.dataSource(proxy.port()), settings());
    }
}
