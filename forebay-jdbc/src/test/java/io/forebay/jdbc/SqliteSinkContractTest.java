package io.forebay.jdbc;

import static io.forebay.spi.Stage.Kind.DELETE;
import static io.forebay.spi.Stage.Kind.UPDATE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Bytes;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.PendingRow;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Sink;
import io.forebay.spi.TransientSinkException;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/** On a file, with a rollback journal. */
class SqliteSinkContractTest extends JdbcSinkContract {
    @TempDir
    static Path folder;

    @Override
    protected DataSource dataSource() {
        return dataSource(folder.resolve("test"), config());
    }

    /** Foreign keys count, as in every other database. */
    SQLiteConfig config() {
        SQLiteConfig config = new SQLiteConfig();
        config.enforceForeignKeys(true);
        return config;
    }

    static SQLiteDataSource dataSource(Path file, SQLiteConfig config) {
        SQLiteDataSource dataSource = new SQLiteDataSource(config);
        dataSource.setUrl("jdbc:sqlite:" + file);
        return dataSource;
    }

    @Override
    protected DataSource unreachable() {
        return dataSource(folder.resolve("nowhere/test"), config());
    }

    @Override
    protected String integerType() {
        return "int4";
    }

    @Override
    protected String momentType() {
        return "timestamptz(6)";
    }

    @Override
    protected String madeKeyType() {
        return "integer PRIMARY KEY";
    }

    @Override
    Map<String, String> ownTypes() {
        Map<String, String> types = new HashMap<>();
        types.put("moment", "timestamp with time zone(3)");
        types.put("tiny", "tinyint");
        types.put("middle", "mediumint");
        types.put("large", "integer");
        types.put("eighteen", "decimal(18)");
        types.put("fifteen", "decimal(15,4)");
        types.put("long_text", "text");
        types.put("content", "varbinary(100)");
        types.put("blob", "blob");
        types.put("plain_stamp", "datetime");
        return types;
    }

    @Override
    void addOwnValues(Map<String, Object> row) {
        row.put("tiny", -128);
        row.put("middle", 8_388_607);
        row.put("large", Long.MAX_VALUE);
        row.put("eighteen", new BigDecimal("-999999999999999999"));
        row.put("fifteen", new BigDecimal("12345678901.2345"));
        row.put("long_text", "long\0text");
        row.put("content", new byte[] {0, 1, -1});
        row.put("blob", new byte[] {0, 1, -1});
        row.put("plain_stamp", LocalDateTime.of(2026, 11, 21, 0, 0, 0, 1_000));
    }

    // ---- what a statement does

    @ParameterizedTest
    @ValueSource(strings = {"ROLLBACK", "ABORT", "FAIL", "IGNORE", "REPLACE"})
    void a_constraint_that_declares_what_happens_on_conflict_refuses_the_row_alone(String resolution)
            throws SQLException {
        table("declared", """
                id bigint PRIMARY KEY ON CONFLICT %1$s, code text UNIQUE ON CONFLICT %1$s,
                n integer NOT NULL ON CONFLICT %1$s DEFAULT 0""".formatted(resolution));
        apply(row("declared", 1, upsert("code", set("a"))), row("declared", 2, upsert("code", set("b"))));

        BatchResult result = apply(
                row("declared", 1, upsert("n", add(5))),
                row("declared", 2, stage(UPDATE, "code", set("a"))),
                row("declared", 3, upsert("code", set("a"))),
                row("declared", 4, upsert("n", set(null))),
                row("declared", 5, upsert("n", add(7))));

        assertThat(result.deadLetters())
                .extracting(letter -> letter.key().values().get(0) + " " + letter.state())
                .containsExactlyInAnyOrder("2 23505", "3 23505", "4 23502");
        assertThat(strings("SELECT id || code || n FROM declared WHERE id < 3 ORDER BY id"))
                .containsExactly("1a5", "2b0");
        assertThat(values("declared", 5)).containsEntry("n", 7L);
    }

    /** {@code OR ABORT} in the outer statement would overrule it. */
    @Test
    void what_a_trigger_ignores_stays_ignored() throws SQLException {
        execute("DROP TABLE IF EXISTS words");
        execute("CREATE TABLE words (word text PRIMARY KEY)");
        table("sentences", "id bigint PRIMARY KEY, word text");
        execute(
                "CREATE TRIGGER collect AFTER INSERT ON sentences BEGIN INSERT OR IGNORE INTO words VALUES (NEW.word); END");

        BatchResult result = apply(
                row("sentences", 1, upsert("word", set("same"))), row("sentences", 2, upsert("word", set("same"))));

        assertThat(result.deadLetters()).isEmpty();
        assertThat(strings("SELECT word FROM words")).containsExactly("same");
    }

    /** The row is read after the statement before it, not before all of them. */
    @Test
    void an_increment_builds_on_what_a_trigger_of_another_row_made() throws SQLException {
        table("ranks", "id bigint PRIMARY KEY, n bigint NOT NULL DEFAULT 0");
        execute("CREATE TRIGGER passed_on AFTER UPDATE ON ranks WHEN NEW.id = 1"
                + " BEGIN UPDATE ranks SET n = n + 100 WHERE id = 2; END");
        execute("INSERT INTO ranks (id) VALUES (1), (2)");

        apply(row("ranks", 1, upsert("n", add(1))), row("ranks", 2, upsert("n", add(1))));

        assertThat(strings("SELECT n FROM ranks ORDER BY id")).containsExactly("1", "101");
    }

    @Test
    void a_trigger_that_ends_the_transaction_is_a_fault_and_its_connection_stays_usable() throws SQLException {
        table("guarded", "id bigint PRIMARY KEY, n bigint");
        execute(
                "CREATE TRIGGER guard BEFORE INSERT ON guarded WHEN NEW.n = 13 BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
        try (HikariDataSource pool = onePooled()) {
            Sink pooled = createSink(pool, settings());
            Batch batch = batch(
                    List.of(row("guarded", 1, upsert("n", set(1L))), row("guarded", 2, upsert("n", set(13L)))),
                    List.of());

            assertThatThrownBy(() -> pooled.apply(batch)).isInstanceOf(SchemaFaultException.class);

            assertThat(exists("guarded", 1)).isFalse();
            execute("DROP TRIGGER guard");
            assertThat(pooled.apply(batch).alreadyApplied()).isFalse();
        }
        assertThat(values("guarded", 2)).containsEntry("n", 13L);
    }

    @Test
    void a_trigger_that_drops_rows_is_a_fault_not_a_lost_increment() throws SQLException {
        table("dropping", "id bigint PRIMARY KEY, n bigint");
        execute("INSERT INTO dropping VALUES (1, 0)");
        execute("CREATE TRIGGER dropped BEFORE UPDATE ON dropping BEGIN SELECT RAISE(IGNORE); END");

        assertThatThrownBy(() -> apply(row("dropping", 1, upsert("n", add(1)))))
                .isInstanceOf(SchemaFaultException.class);
    }

    /** In double quotes it would be a text, equal to no key: a row that is there would be missing. */
    @Test
    void a_key_column_with_another_name_is_a_fault_not_a_missing_row() throws SQLException {
        table("renamed", "id bigint PRIMARY KEY, n bigint");
        apply(row("renamed", 1, upsert("n", add(1))));
        execute("ALTER TABLE renamed RENAME COLUMN id TO number");

        assertThatThrownBy(() -> apply(row("renamed", 1, stage(UPDATE, "n", add(1)))))
                .isInstanceOf(SchemaFaultException.class);
    }

    @Test
    void a_generated_column_is_read_and_is_the_databases_own() throws SQLException {
        table("doubled", "id integer PRIMARY KEY, n integer, twice integer GENERATED ALWAYS AS (n * 2)");

        apply(row("doubled", 1, upsert("n", add(4))));

        assertThat(values("doubled", 1)).containsEntry("twice", 8L);
        assertThat(column("doubled", "twice").absent()).isEqualTo(Column.Absent.DATABASE);
    }

    @Test
    void strict_tables_and_tables_without_rowid_are_written_like_others() throws SQLException {
        execute("DROP TABLE IF EXISTS strictly");
        execute(
                "CREATE TABLE strictly (k text, n int, r real, b blob, whatever any, PRIMARY KEY (k)) STRICT, WITHOUT ROWID");

        apply(row("strictly", "a", upsert("n", add(1), "r", add(0.5), "b", set(Bytes.copyOf(new byte[] {1})))));
        apply(row("strictly", "a", upsert("n", add(1), "r", add(1.5))), row("strictly", "A", upsert("n", add(9))));

        assertThat(values("strictly", "a"))
                .containsEntry("n", 2L)
                .containsEntry("r", 2.0)
                .doesNotContainKey("whatever");
        assertThat(values("strictly", "A")).containsEntry("n", 9L);
    }

    // ---- values

    @Test
    void values_are_stored_in_the_forms_of_SQLites_own_functions() throws SQLException {
        table(
                "forms",
                "id integer PRIMARY KEY, d date, c time(3), s datetime, m timestamptz(3), f boolean, u uuid,"
                        + " p numeric(10,2)");

        apply(row(
                "forms",
                1,
                upsert(
                        "d", set(LocalDate.of(2026, 11, 21)),
                        "c", set(LocalTime.of(12, 0, 0, 5_000_000)),
                        "s", set(LocalDateTime.of(2026, 11, 21, 12, 0)),
                        "m", set(NOON),
                        "f", set(true),
                        "u", set(UUID.fromString("00000000-0000-0000-0000-00000000000A")),
                        "p", set(new BigDecimal("12.50")))));

        assertThat(strings(
                        "SELECT d || '|' || c || '|' || s || '|' || m || '|' || f || '|' || u || '|' || p FROM forms"))
                .containsExactly("2026-11-21|12:00:00.005|2026-11-21 12:00:00.000000|2026-11-21 12:00:00.000Z|1"
                        + "|00000000-0000-0000-0000-00000000000a|12.5");
        assertThat(strings("SELECT unixepoch(m) = unixepoch(s) FROM forms")).containsExactly("1");
    }

    @Test
    void other_spellings_of_a_time_are_understood() throws SQLException {
        table("spelled", "id integer PRIMARY KEY, s timestamp, m timestamptz");
        execute("INSERT INTO spelled VALUES (1, '2026-11-21T12:00', '2026-11-21 13:00:00+01:00'),"
                + " (2, '2026-11-21 12:00:00', '2026-11-21 12:00:00')");

        for (int id = 1; id <= 2; id++)
            assertThat(values("spelled", id))
                    .containsEntry("s", LocalDateTime.of(2026, 11, 21, 12, 0))
                    .containsEntry("m", NOON);
    }

    /** A column holds whatever other programs store in it. */
    @Test
    void what_is_not_of_the_columns_type_is_read_as_it_is_and_never_added_to() throws SQLException {
        table("foreign_values", "id integer PRIMARY KEY, n integer, s timestamp, small smallint");
        execute("INSERT INTO foreign_values VALUES (1, 'many', 1700000000000, 70000), (2, 1.5, x'00', 1)");

        BatchResult result =
                apply(row("foreign_values", 1, upsert("n", add(1))), row("foreign_values", 2, upsert("n", add(1))));
        BatchResult others = apply(
                row("foreign_values", 1, upsert("s", max(LocalDateTime.of(2026, 1, 1, 0, 0)))),
                row("foreign_values", 2, upsert("small", add(40_000))));

        assertThat(result.deadLetters()).extracting(DeadLetter::state).containsExactly("22003", "22003");
        assertThat(others.deadLetters()).extracting(DeadLetter::state).containsExactlyInAnyOrder("22007", "22003");
        assertThat(values("foreign_values", 1)).containsEntry("n", "many").containsEntry("s", 1_700_000_000_000L);
        assertThat(values("foreign_values", 2)).containsEntry("n", 1.5).containsEntry("small", 1L);
    }

    @Test
    void decimals_are_exact_up_to_fifteen_digits_and_refused_beyond() throws SQLException {
        table(
                "money",
                "id integer PRIMARY KEY, a decimal(15,2), b numeric(16,2), c numeric, d decimal(18), e decimal(19)");
        List<PendingRow> cents = List.of(row("money", 1, upsert("a", add(new BigDecimal("0.10")))));
        apply(row("money", 1, upsert("a", add(new BigDecimal("9999999999999.01")))));
        for (int i = 0; i < 9; i++) apply(cents, List.of());
        execute("UPDATE money SET a = a + 0.01 + 0.02"); // in doubles
        execute("INSERT INTO money (id, a) VALUES (2, 0.1 + 0.2)");

        assertThat(values("money", 1)).containsEntry("a", new BigDecimal("9999999999999.94"));
        assertThat(values("money", 2)).containsEntry("a", new BigDecimal("0.30"));
        assertThat(apply(cents, List.of()).deadLetters())
                .extracting(DeadLetter::state)
                .containsExactly("22003");
        assertThat(column("money", "d").type()).isEqualTo(new ColumnType.Decimal(18, 0));
        for (String column : List.of("b", "c", "e"))
            assertThat(column("money", column).type()).as(column).isInstanceOf(ColumnType.Unsupported.class);
    }

    @Test
    void unknown_and_missing_types_are_named_as_unsupported() throws SQLException {
        table("odd", "id integer PRIMARY KEY, doc json, untyped, place point, stamp timestamp(12)");

        for (Map.Entry<String, String> expected : Map.of(
                        "doc", "json", "untyped", "without a declared type", "place", "point", "stamp", "timestamp(12)")
                .entrySet())
            assertThatThrownBy(() -> column("odd", expected.getKey()).type().normalise("x"))
                    .hasMessageContaining(expected.getValue());
    }

    // ---- keys

    @Test
    void keys_that_take_different_texts_for_equal_have_a_problem() throws SQLException {
        for (String columns : List.of(
                "k text COLLATE NOCASE PRIMARY KEY",
                "k text PRIMARY KEY COLLATE RTRIM",
                "k text, PRIMARY KEY (k COLLATE NOCASE)")) {
            table("collated", columns);
            assertThat(column("collated", "k").type().keyProblem())
                    .as(columns)
                    .contains("takes different texts for equal");
        }
        for (String type : List.of("timestamp", "time", "timestamptz", "numeric(6,2)", "real")) {
            table("collated", "k " + type + " PRIMARY KEY");
            assertThat(column("collated", "k").type().keyProblem()).as(type).isNotEmpty();
        }
    }

    @Test
    void a_key_that_is_exact_is_found_exactly_in_a_column_that_is_not() throws SQLException {
        table("exactly", "k text COLLATE NOCASE, n bigint, PRIMARY KEY (k COLLATE BINARY)");

        apply(row("exactly", "a", upsert("n", add(1))), row("exactly", "A", upsert("n", add(10))));
        apply(row("exactly", "a", upsert("n", add(1))), row("exactly", "A", stage(DELETE)));

        assertThat(values("exactly", "a")).containsEntry("n", 2L);
        assertThat(exists("exactly", "A")).isFalse();
    }

    /** SQLite lets a primary key be NULL unless it is the rowid. */
    @Test
    void rows_whose_key_is_null_are_nobodys() throws SQLException {
        table("nulls", "k text PRIMARY KEY, n bigint DEFAULT 0");
        execute("INSERT INTO nulls VALUES (NULL, 1), (NULL, 2)");

        apply(row("nulls", "", upsert("n", add(5))), row("nulls", "x", stage(DELETE)));

        assertThat(column("nulls", "k").nullable()).isFalse();
        assertThat(strings("SELECT n FROM nulls ORDER BY n")).containsExactly("1", "2", "5");
    }

    @Test
    void only_a_key_that_is_the_rowid_is_made_by_the_database() throws SQLException {
        Map<String, Column.Absent> expected = Map.of(
                "k integer PRIMARY KEY", Column.Absent.DATABASE,
                "k INTEGER, PRIMARY KEY (k)", Column.Absent.DATABASE,
                "k integer PRIMARY KEY DESC", Column.Absent.NULL,
                "k int PRIMARY KEY", Column.Absent.NULL);
        for (Map.Entry<String, Column.Absent> entry : expected.entrySet()) {
            table("made", entry.getKey());
            assertThat(column("made", "k").absent()).as(entry.getKey()).isEqualTo(entry.getValue());
        }
    }

    // ---- what is refused

    @Test
    void a_deferred_foreign_key_is_refused_on_both_sides_unless_it_is_not_enforced() throws SQLException {
        execute("DROP TABLE IF EXISTS late_children");
        table("late_parents", "id integer PRIMARY KEY");
        execute("CREATE TABLE late_children (id integer PRIMARY KEY, parent integer REFERENCES Late_Parents"
                + " DEFERRABLE INITIALLY DEFERRED)");

        for (String table : List.of("late_parents", "late_children"))
            assertThatThrownBy(() -> sink.describe(table))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("late_children")
                    .hasMessageContaining("INITIALLY IMMEDIATE");
        SQLiteConfig lax = config();
        lax.enforceForeignKeys(false);
        Sink unenforced = createSink(dataSource(folder.resolve("test"), lax), settings());
        assertThat(unenforced.describe("late_children").references()).containsExactly("late_parents");
    }

    @Test
    void views_and_virtual_tables_are_refused() throws SQLException {
        execute("DROP VIEW IF EXISTS seen_counters");
        execute("CREATE VIEW seen_counters AS SELECT * FROM counters");
        execute("CREATE VIRTUAL TABLE IF NOT EXISTS papers USING fts5(title)");

        assertThatThrownBy(() -> sink.describe("seen_counters")).hasMessageContaining("is a view");
        assertThatThrownBy(() -> sink.describe("papers")).hasMessageContaining("is a virtual");
    }

    @ParameterizedTest
    @ValueSource(strings = {"OFF", "MEMORY"})
    void a_database_without_a_journal_is_refused(String mode) {
        SQLiteConfig config = config();
        config.setJournalMode(SQLiteConfig.JournalMode.valueOf(mode));
        Sink careless = createSink(dataSource(folder.resolve("careless"), config), settings());

        assertThatThrownBy(() -> careless.attach(journal, 4, null))
                .isInstanceOf(SchemaFaultException.class)
                .hasMessageContaining("journal_mode=" + mode.toLowerCase(Locale.ROOT));
    }

    @ParameterizedTest
    @ValueSource(strings = {":memory:", "", "file:shared?mode=memory&cache=shared"})
    void a_database_without_a_file_is_refused(String name) {
        SQLiteDataSource memory = new SQLiteDataSource();
        memory.setUrl("jdbc:sqlite:" + name);

        assertThatThrownBy(() -> createSink(memory, settings()).attach(journal, 4, null))
                .isInstanceOf(SchemaFaultException.class)
                .hasMessageContaining("in memory");
    }

    @Test
    void a_file_that_is_no_database_is_a_fault() throws IOException {
        Path file = Files.writeString(folder.resolve("text"), "this is not a database ".repeat(100));

        assertThatThrownBy(() -> createSink(dataSource(file, new SQLiteConfig()), settings())
                        .attach(journal, 4, null))
                .isInstanceOf(SchemaFaultException.class)
                .hasMessageContaining("XX001");
    }

    // ---- connections and locks

    @Test
    void a_flush_forces_the_journals_directory_too_and_leaves_the_connection_as_it_was() throws SQLException {
        table("settings_seen", "id integer PRIMARY KEY, n integer");
        execute("DROP TABLE IF EXISTS seen");
        execute("CREATE TABLE seen (synchronous integer)");
        execute("CREATE TRIGGER look AFTER INSERT ON settings_seen"
                + " BEGIN INSERT INTO seen SELECT synchronous FROM pragma_synchronous; END");
        try (HikariDataSource pool = onePooled()) {
            Sink pooled = createSink(pool, settings());
            set(pool, "PRAGMA synchronous = NORMAL", "PRAGMA busy_timeout = 1234");

            pooled.apply(batch(List.of(row("settings_seen", 1, upsert("n", add(1)))), List.of()));

            try (Connection connection = pool.getConnection()) {
                assertThat(connection.getAutoCommit()).isTrue();
                assertThat(number(connection, "PRAGMA synchronous")).isEqualTo(1);
                assertThat(number(connection, "PRAGMA busy_timeout")).isEqualTo(1234);
            }
        }
        assertThat(strings("SELECT synchronous FROM seen")).containsExactly("3");
    }

    /** As two processes would: the addresses differ, so that it is the file's lock they wait for. */
    @Test
    void writers_that_know_nothing_of_each_other_wait_for_each_other() {
        Sink one = createSink(dataSource(folder.resolve("test"), config()), settings());
        Sink other = createSink(dataSource(folder.resolve("./test"), config()), settings());

        CompletableFuture<Void> first = CompletableFuture.runAsync(() -> attachAndFlush(one, 60), this::start);
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> attachAndFlush(other, 60), this::start);

        CompletableFuture.allOf(first, second).join();
    }

    private void start(Runnable task) {
        new Thread(task).start();
    }

    private static void attachAndFlush(Sink sink, int times) {
        for (int i = 0; i < times; i++) {
            UUID journal = UUID.randomUUID();
            sink.attach(journal, 1, null);
            long epoch = sink.own(journal, 0).epoch();
            sink.apply(new Batch(journal, 0, epoch, 0, 1, UUID.randomUUID(), List.of(), List.of(), Map.of()));
        }
    }

    @Test
    void a_flush_that_hangs_is_cancelled() throws SQLException {
        table("slow", "id integer PRIMARY KEY, n integer");
        execute("CREATE TRIGGER endless AFTER INSERT ON slow BEGIN"
                + " INSERT INTO slow SELECT NULL, max(i) FROM (WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r)"
                + " SELECT i FROM r); END");
        Batch batch = batch(List.of(row("slow", 1, upsert("n", add(1)))), List.of());
        AtomicBoolean ended = new AtomicBoolean();
        CompletableFuture<Void> flush = CompletableFuture.runAsync(() -> sink.apply(batch), this::start)
                .whenComplete((nothing, failure) -> ended.set(true));

        await().atMost(Duration.ofSeconds(20)).until(() -> {
            sink.abort(journal, 0);
            return ended.get();
        });

        assertThatThrownBy(flush::join).hasCauseInstanceOf(TransientSinkException.class);
        execute("DROP TRIGGER endless");
        assertThat(sink.apply(batch).alreadyApplied()).isFalse();
    }

    // ---- helpers

    private void table(String name, String columns) throws SQLException {
        execute("DROP TABLE IF EXISTS " + name);
        execute("CREATE TABLE " + name + " (" + columns + ")");
    }

    private Column column(String table, String name) {
        return Objects.requireNonNull(sink.describe(table).columns().get(name));
    }

    private HikariDataSource onePooled() {
        HikariConfig config = new HikariConfig();
        config.setDataSource(dataSource());
        config.setMaximumPoolSize(1);
        return new HikariDataSource(config);
    }

    private static void set(DataSource dataSource, String... pragmas) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String pragma : pragmas) statement.execute(pragma);
        }
    }

    private static int number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.getInt(1);
        }
    }
}
