package io.forebay.cdc.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.transforms.ExtractNewRecordState;
import io.forebay.testservers.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Debezium's connector makes of a real PostgreSQL's changes, through its transforms and Kafka Connect's converters: the
 * delete table, the key table and the envelope, row by row.
 */
class PostgresShapesTest {
    private static final List<SourceRecord> RECORDS = new CopyOnWriteArrayList<>();

    @TempDir
    private static Path directory;

    @BeforeAll
    static void record() throws Exception {
        try (PostgresServer server = PostgresServer.create()) {
            execute(
                    server,
                    "CREATE TABLE users (id int PRIMARY KEY, name text NOT NULL DEFAULT 'nobody', note text, price"
                            + " numeric(9,2))",
                    "CREATE TABLE complete (id text PRIMARY KEY, email text)",
                    "ALTER TABLE complete REPLICA IDENTITY FULL",
                    "CREATE TABLE pairs (a int, b text, op text, PRIMARY KEY (a, b))",
                    "CREATE TABLE keyless (v int)",
                    "CREATE TABLE wide (id int PRIMARY KEY, n int, long text, longs text[], numbers int[], raw bytea)",
                    "INSERT INTO users (id, name) VALUES (0, 'in snapshot')");
            DebeziumEngine<RecordChangeEvent<SourceRecord>> engine = DebeziumEngine.create(
                            ChangeEventFormat.of(Connect.class))
                    .using(settings(server))
                    .notifying(event -> RECORDS.add(event.record()))
                    .build();
            Thread running = new Thread(engine, "engine");
            running.start();
            try {
                await().atMost(Duration.ofSeconds(30)).until(() -> has("server.public.users"));
                change(server);
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> has("server.public.end") && has("__debezium-heartbeat.server"));
            } finally {
                engine.close();
                running.join();
            }
        }
    }

    private static Properties settings(PostgresServer server) {
        Properties settings = new Properties();
        settings.putAll(Map.of(
                "name", "server",
                "topic.prefix", "server",
                "connector.class", "io.debezium.connector.postgresql.PostgresConnector",
                "plugin.name", "pgoutput",
                "database.hostname", server.host(),
                "database.port", Integer.toString(server.port()),
                "database.user", "postgres",
                "database.dbname", "postgres",
                "snapshot.mode", "initial"));
        settings.putAll(Map.of(
                "database.password", "",
                "offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore",
                "offset.storage.file.filename", directory.resolve("offsets").toString(),
                "skipped.operations", "none",
                "poll.interval.ms", "10",
                "heartbeat.interval.ms", "100",
                "provide.transaction.metadata", "true"));
        return settings;
    }

    private static void change(PostgresServer server) throws Exception {
        String random = "(SELECT string_agg(md5(i::text), '') FROM generate_series(1, 500) i)";
        execute(
                server,
                "INSERT INTO users (id, name, price) VALUES (1, 'ann', 1.50)",
                "UPDATE users SET note = 'x' WHERE id = 1",
                "UPDATE users SET id = 2 WHERE id = 1",
                "DELETE FROM users WHERE id = 2",
                "INSERT INTO complete VALUES ('1004', 'a@x')",
                "UPDATE complete SET email = 'b@x'",
                "DELETE FROM complete",
                "INSERT INTO pairs VALUES (7, 'x|y', 'u')",
                "INSERT INTO keyless VALUES (1)",
                "INSERT INTO wide VALUES (1, 1, %s, ARRAY[%s], ARRAY(SELECT i*7919 FROM generate_series(1, 9000) i), decode(%s, 'hex'))"
                        .formatted(random, random, random),
                "UPDATE wide SET n = 2",
                "TRUNCATE keyless",
                "SELECT pg_logical_emit_message(true, 'hello', 'content')",
                "CREATE TABLE \"end\" (id int PRIMARY KEY)",
                "INSERT INTO \"end\" VALUES (1)");
    }

    private static void execute(PostgresServer server, String... statements) throws Exception {
        try (Connection connection = server.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String one : statements) statement.execute(one);
        }
    }

    private static boolean has(String topic) {
        return RECORDS.stream().anyMatch(record -> record.topic().equals(topic));
    }

    private static List<SourceRecord> of(String table) {
        return RECORDS.stream()
                .filter(record -> record.topic().equals("server.public." + table))
                .toList();
    }

    private static List<SourceRecord> of(String table, Predicate<String> op) {
        return of(table).stream()
                .filter(record -> record.value() instanceof Struct value && op.test(value.getString("op")))
                .toList();
    }

    private static SourceRecord one(String table, String op) {
        return of(table, op::equals).get(0);
    }

    /** The deletion of users 2 and the tombstone behind it. */
    private static List<SourceRecord> deletion() {
        List<SourceRecord> all = of("users");
        return all.subList(all.size() - 2, all.size());
    }

    private static List<SourceRecord> unwrapped(String mode, List<SourceRecord> records) {
        return Records.through(new ExtractNewRecordState<>(), Map.of("delete.tombstone.handling.mode", mode), records);
    }

    private static void assertDeleted(ChangeEvent event, Shape shape) {
        assertThat(event.op()).isEqualTo(Op.DELETE);
        assertThat(event.shape()).isEqualTo(shape);
        assertThat(event.table()).hasToString("public.users");
        assertThat(event.key().text()).isEqualTo("i:2");
        assertThat(event.after()).isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void envelopes_with_a_schema_and_without_are_the_same(boolean schemas) {
        ChangeEvent created = Records.event(Records.json(one("users", "c"), schemas));
        ChangeEvent updated = Records.event(Records.json(one("users", "u"), schemas));

        assertThat(created.op()).isEqualTo(Op.CREATE);
        assertThat(created.table()).isEqualTo(new SourceTable("public", "users"));
        assertThat(created.key().text()).isEqualTo("i:1");
        assertThat(created.after().path("name").asText()).isEqualTo("ann");
        assertThat(created.before()).isNull();
        assertThat(created.connector()).isEqualTo("postgresql");
        assertThat(created.transaction()).isNotNull();
        assertThat(created.committed()).isNotNull();
        assertThat(created.captured()).isAfterOrEqualTo(created.committed());
        assertThat(updated.op()).isEqualTo(Op.UPDATE);
        assertThat(updated.fence().getAsLong()).isGreaterThan(created.fence().getAsLong());
        assertThat(updated.completeAfter()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void delete_table_raw_is_a_deletion_and_a_null(boolean schemas) {
        ChangeRecord deleted = Records.json(deletion().get(0), schemas);
        ChangeRecord tombstone = Records.json(deletion().get(1), schemas);

        assertDeleted(Records.event(deleted), Shape.ENVELOPE);
        assertThat(tombstone.value()).isNull();
        assertDeleted(Records.event(tombstone), Shape.TOMBSTONE);
    }

    @Test
    void delete_table_the_default_of_the_transform_writes_the_text_null() {
        List<SourceRecord> left = unwrapped("tombstone", deletion());
        ChangeRecord plain = Records.json(left.get(0), false);
        ChangeRecord withSchema = Records.json(left.get(0), true);

        assertThat(left).hasSize(1);
        assertThat(plain.value().text()).contains("null");
        assertThat(withSchema.value().text().orElseThrow()).contains("\"payload\":null");
        assertDeleted(Records.event(plain), Shape.TOMBSTONE);
        assertDeleted(Records.event(withSchema), Shape.TOMBSTONE);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void delete_table_rewrite_marks_the_row_with_a_text(boolean schemas) {
        List<SourceRecord> left = unwrapped("rewrite", deletion());
        ChangeEvent deleted = Records.event(Records.json(left.get(0), schemas));

        assertThat(left).hasSize(1);
        assertDeleted(deleted, Shape.UNWRAPPED);
        assertThat(deleted.before().has("__deleted")).isFalse();
    }

    @Test
    void delete_table_rewrite_marks_what_is_not_deleted_as_well() {
        SourceRecord left = unwrapped("rewrite", List.of(one("users", "c"))).get(0);
        ChangeEvent created = Records.event(Records.json(left, false));

        assertThat(created.op()).isEqualTo(Op.UPSERT);
        assertThat(created.after().path("name").asText()).isEqualTo("ann");
        assertThat(created.after().has("__deleted")).isFalse();
    }

    @Test
    void delete_table_rewrite_with_tombstone_is_both() {
        List<SourceRecord> left = unwrapped("rewrite-with-tombstone", deletion());

        assertThat(left).hasSize(2);
        assertDeleted(Records.event(Records.json(left.get(0), false)), Shape.UNWRAPPED);
        assertDeleted(Records.event(Records.json(left.get(1), false)), Shape.TOMBSTONE);
    }

    @Test
    void delete_table_delete_to_tombstone_is_a_null() {
        List<SourceRecord> left = unwrapped("delete-to-tombstone", deletion());

        assertThat(left).isNotEmpty();
        for (SourceRecord tombstone : left) {
            assertThat(Records.isTombstone(tombstone)).isTrue();
            assertDeleted(Records.event(Records.json(tombstone, false)), Shape.TOMBSTONE);
        }
    }

    /** So nothing can be invalidated: the documentation warns of it. */
    @Test
    void delete_table_drop_leaves_nothing() {
        assertThat(unwrapped("drop", deletion().subList(0, 1))).isEmpty();
    }

    @Test
    void delete_table_truncates_do_not_pass_the_transform() {
        SourceRecord truncated = one("keyless", "t");
        ChangeEvent event = Records.event(Records.json(truncated, false));

        assertThat(event.op()).isEqualTo(Op.TRUNCATE);
        assertThat(event.key()).isNull();
        assertThat(unwrapped("rewrite", List.of(truncated))).isEmpty();
    }

    @Test
    void what_the_transform_adds_is_understood_and_taken_off() {
        SourceRecord left = Records.through(
                        new ExtractNewRecordState<>(),
                        Map.of(
                                "delete.tombstone.handling.mode", "rewrite",
                                "add.fields", "op,table,source.schema,source.ts_ms,source.snapshot",
                                "add.headers", "op"),
                        List.of(one("users", "u")))
                .get(0);
        ChangeEvent event = Records.event(Records.json(left, false));

        assertThat(event.op()).isEqualTo(Op.UPDATE);
        assertThat(event.table()).hasToString("public.users");
        assertThat(event.committed()).isNotNull();
        assertThat(event.after().properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("id", "name", "note", "price");
    }

    @Test
    void a_changed_key_is_a_deletion_and_a_creation_that_names_the_old_key() {
        ChangeEvent gone = Records.event(Records.json(one("users", "d"), false));
        SourceRecord second = of("users", "c"::equals).get(1);
        ChangeEvent created = Records.event(Records.json(second, false));

        assertThat(gone.key().text()).isEqualTo("i:1");
        assertThat(created.key().text()).isEqualTo("i:2");
        assertThat(created.oldKey()).isEqualTo(gone.key());
    }

    /** With the default identity it has the key and made-up values: this is why rules do not trust it unasked. */
    @Test
    void before_of_the_default_identity_is_made_up_but_for_the_key() {
        ChangeEvent deleted = Records.event(Records.json(deletion().get(0), false));

        assertThat(deleted.before().path("id").asInt()).isEqualTo(2);
        assertThat(deleted.before().path("name").asText()).isNotEqualTo("ann");
    }

    @Test
    void before_of_the_full_identity_is_the_row() {
        ChangeEvent updated = Records.event(Records.json(one("complete", "u"), false));

        assertThat(updated.before().path("email").asText()).isEqualTo("a@x");
        assertThat(updated.after().path("email").asText()).isEqualTo("b@x");
    }

    @Test
    void key_table_numbers_and_texts_are_never_equal_and_columns_keep_their_order() {
        CanonicalKey text =
                Records.event(Records.json(one("complete", "c"), false)).key();
        CanonicalKey pair =
                Records.event(Records.json(one("pairs", "c"), false)).key();

        assertThat(text.text()).isEqualTo("s:1004");
        assertThat(text).isNotEqualTo(CanonicalKey.of("id", com.fasterxml.jackson.databind.node.IntNode.valueOf(1004)));
        assertThat(pair.text()).isEqualTo("i:7|s:x\\|y");
    }

    @Test
    void key_table_the_string_converter_writes_a_struct() {
        SourceRecord record = one("pairs", "c");
        ChangeRecord json = Records.json(record, false);
        byte[] key = new StringConverter().fromConnectData(record.topic(), record.keySchema(), record.key());
        ChangeRecord asText =
                new ChangeRecord(json.topic(), 0, 0, Payload.of(key), json.value(), Map.of(), null, json.fence());

        assertThat(Payload.of(key).text().orElseThrow()).startsWith("Struct{a=7");
        assertThat(Records.event(asText).key()).isEqualTo(Records.event(json).key());
    }

    @Test
    void key_table_a_table_without_a_key_has_none() {
        assertThat(Records.event(Records.json(one("keyless", "c"), false)).key())
                .isNull();
    }

    @Test
    void a_row_with_a_column_called_op_is_no_envelope() {
        SourceRecord left = unwrapped("rewrite", List.of(one("pairs", "c"))).get(0);
        ChangeEvent event = Records.event(Records.json(left, false));

        assertThat(event.shape()).isEqualTo(Shape.UNWRAPPED);
        assertThat(event.after().path("op").asText()).isEqualTo("u");
    }

    @Test
    void what_the_database_did_not_send_is_known_as_such() {
        ChangeEvent updated = Records.event(Records.json(one("wide", "u"), false));

        for (String column : List.of("long", "longs", "numbers", "raw"))
            assertThat(Values.isUnavailable(updated.after().path(column)))
                    .as(column)
                    .isTrue();
        assertThat(Values.isUnavailable(updated.after().path("n"))).isFalse();
        assertThat(updated.completeAfter()).isEmpty();
    }

    @Test
    void a_snapshot_is_known_as_such() {
        ChangeEvent read = Records.event(Records.json(one("users", "r"), false));

        assertThat(read.op()).isEqualTo(Op.READ);
        assertThat(read.phase()).isEqualTo(Phase.SNAPSHOT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_is_no_change_is_known_as_what_it_is(boolean schemas) {
        List<Parsed> notices = new ArrayList<>();
        for (SourceRecord record : RECORDS) {
            if (record.topic().startsWith("server.public.")) continue;
            notices.add(ChangeParser.create().parse(Records.json(record, schemas)));
        }

        assertThat(notices)
                .contains(Parsed.Notice.HEARTBEAT, Parsed.Notice.TRANSACTION, Parsed.Notice.MESSAGE)
                .allMatch(Parsed.Notice.class::isInstance);
    }

    @Test
    void every_record_is_understood() {
        for (SourceRecord record : RECORDS) ChangeParser.create().parse(Records.json(record, true));
        assertThat(RECORDS).hasSizeGreaterThan(20);
    }
}
