package io.forebay.cdc.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.IntNode;
import io.debezium.transforms.ExtractNewRecordState;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Debezium's connector makes of a real database's changes, through its transforms and Kafka Connect's converters: the delete
 * table, the key table and the envelope, row by row.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ShapesContract {
    /** What every database is told, with a row 0 of users in the snapshot: its tables are users, complete, pairs, keyless and end. */
    static final List<String> CHANGES = List.of(
            "INSERT INTO users (id, name, price) VALUES (1, 'ann', 1.50)",
            "UPDATE users SET note = 'x' WHERE id = 1",
            "UPDATE users SET id = 2 WHERE id = 1",
            "DELETE FROM users WHERE id = 2",
            "INSERT INTO complete VALUES ('1004', 'a@x')",
            "UPDATE complete SET email = 'b@x'",
            "DELETE FROM complete",
            "INSERT INTO pairs VALUES (7, 'x|y', 'u')",
            "INSERT INTO keyless VALUES (1)",
            "TRUNCATE TABLE keyless");

    /** The records of {@link #CHANGES}. */
    abstract Recorded recorded();

    /** The field of {@code source} that says where the table is. */
    abstract String qualifierField();

    /** The deletion of users 2 and the tombstone behind it. */
    List<SourceRecord> deletion() {
        List<SourceRecord> users = recorded().of("users");
        return users.subList(users.size() - 2, users.size());
    }

    SourceRecord one(String table, String op) {
        return recorded().one(table, op);
    }

    private static List<SourceRecord> unwrapped(String mode, List<SourceRecord> records) {
        return Records.through(new ExtractNewRecordState<>(), Map.of("delete.tombstone.handling.mode", mode), records);
    }

    private void assertDeleted(ChangeEvent event, Shape shape) {
        assertThat(event.op()).isEqualTo(Op.DELETE);
        assertThat(event.shape()).isEqualTo(shape);
        assertThat(event.table()).isEqualTo(new SourceTable(recorded().qualifier(), "users"));
        assertThat(event.key().text()).isEqualTo("i:2");
        assertThat(event.after()).isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void envelopes_with_a_schema_and_without_are_the_same(boolean schemas) {
        ChangeEvent created = Records.event(Records.json(one("users", "c"), schemas));

        assertThat(created.op()).isEqualTo(Op.CREATE);
        assertThat(created.table()).isEqualTo(new SourceTable(recorded().qualifier(), "users"));
        assertThat(created.key().text()).isEqualTo("i:1");
        assertThat(created.after().path("name").asText()).isEqualTo("ann");
        assertThat(created.before()).isNull();
        assertThat(created.phase()).isEqualTo(Phase.STREAM);
        assertThat(created.committed()).isNotNull();
        assertThat(created.captured()).isAfterOrEqualTo(created.committed());
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
        assertThat(event.table()).isEqualTo(new SourceTable(recorded().qualifier(), "keyless"));
        assertThat(event.key()).isNull();
        assertThat(unwrapped("rewrite", List.of(truncated))).isEmpty();
    }

    @Test
    void what_the_transform_adds_is_understood_and_taken_off() {
        SourceRecord left = Records.through(
                        new ExtractNewRecordState<>(),
                        Map.of(
                                "delete.tombstone.handling.mode", "rewrite",
                                "add.fields", "op,table,source." + qualifierField() + ",source.ts_ms,source.snapshot",
                                "add.headers", "op"),
                        List.of(one("users", "u")))
                .get(0);
        ChangeEvent event = Records.event(Records.json(left, false));

        assertThat(event.op()).isEqualTo(Op.UPDATE);
        assertThat(event.table()).isEqualTo(new SourceTable(recorded().qualifier(), "users"));
        assertThat(event.committed()).isNotNull();
        assertThat(event.after().properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("id", "name", "note", "price");
    }

    @Test
    void a_changed_key_is_a_deletion_and_a_creation_that_names_the_old_key() {
        ChangeEvent gone = Records.event(Records.json(one("users", "d"), false));
        SourceRecord second = recorded().of("users", "c"::equals).get(1);
        ChangeEvent created = Records.event(Records.json(second, false));

        assertThat(gone.key().text()).isEqualTo("i:1");
        assertThat(created.key().text()).isEqualTo("i:2");
        assertThat(created.oldKey()).isEqualTo(gone.key());
    }

    @Test
    void before_of_a_complete_log_is_the_row() {
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
        assertThat(text).isNotEqualTo(CanonicalKey.of("id", IntNode.valueOf(1004)));
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
    void a_snapshot_is_known_as_such() {
        ChangeEvent read = Records.event(Records.json(one("users", "r"), false));

        assertThat(read.op()).isEqualTo(Op.READ);
        assertThat(read.phase()).isEqualTo(Phase.SNAPSHOT);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void what_is_no_change_is_known_as_what_it_is(boolean schemas) {
        List<Parsed> notices = recorded().ofNoTable().stream()
                .map(record -> ChangeParser.create().parse(Records.json(record, schemas)))
                .distinct()
                .toList();

        assertThat(notices).containsExactlyInAnyOrderElementsOf(notices());
    }

    /** Every kind of record that is no change. */
    abstract List<Parsed> notices();

    @Test
    void every_record_is_understood() {
        for (SourceRecord record : recorded().all()) ChangeParser.create().parse(Records.json(record, true));
        assertThat(recorded().all()).hasSizeGreaterThan(20);
    }
}
