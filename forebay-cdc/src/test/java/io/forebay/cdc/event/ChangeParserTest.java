package io.forebay.cdc.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Shapes that Debezium's classes of today do not make: of older releases, of other products, and of none. */
class ChangeParserTest {
    private static final String KEY = "{\"id\":1}";

    private static ChangeRecord record(String topic, String key, String value) {
        return new ChangeRecord(
                topic,
                0,
                0,
                key == null ? null : Payload.of(key),
                value == null ? null : Payload.of(value),
                Map.of(),
                null,
                OptionalLong.of(9));
    }

    private static ChangeEvent event(String key, String value) {
        return Records.event(record("server.public.users", key, value));
    }

    private static String envelope(String op, String source, String after) {
        return "{\"before\":null,\"after\":%s,\"source\":%s,\"op\":\"%s\",\"ts_ms\":1}".formatted(after, source, op);
    }

    @ParameterizedTest
    @CsvSource({
        "true, SNAPSHOT",
        "'\"true\"', SNAPSHOT",
        "'\"first\"', SNAPSHOT",
        "'\"first_in_data_collection\"', SNAPSHOT",
        "'\"last_in_data_collection\"', SNAPSHOT",
        "'\"last\"', SNAPSHOT",
        "'\"incremental\"', INCREMENTAL_SNAPSHOT",
        "false, STREAM",
        "'\"false\"', STREAM",
        "null, STREAM"
    })
    void every_spelling_of_a_snapshot_is_known(String snapshot, Phase phase) {
        String source = "{\"connector\":\"mysql\",\"db\":\"shop\",\"table\":\"users\",\"snapshot\":" + snapshot + "}";

        assertThat(event(KEY, envelope("c", source, "{\"id\":1}")).phase()).isEqualTo(phase);
    }

    @Test
    void mysql_has_its_database_and_its_transaction_and_the_offset_for_a_fence() {
        String source =
                "{\"connector\":\"mysql\",\"db\":\"shop\",\"table\":\"users\",\"gtid\":\"a:5\",\"file\":\"binlog.000003\",\"pos\":4}";
        ChangeEvent event = event(KEY, envelope("u", source, "{\"id\":1}"));

        assertThat(event.table()).hasToString("shop.users");
        assertThat(event.transaction()).isEqualTo("a:5");
        assertThat(event.fence()).hasValue(9);
    }

    @Test
    void mysql_without_kafka_has_no_fence() {
        String source =
                "{\"connector\":\"mysql\",\"db\":\"shop\",\"table\":\"users\",\"file\":\"binlog.000003\",\"pos\":4}";
        ChangeRecord record =
                record("t", KEY, envelope("u", source, "{\"id\":1}")).withoutFence();

        assertThat(Records.event(record).fence()).isEmpty();
    }

    @Test
    void schemas_may_be_null_or_missing_on_either_side() {
        String value =
                envelope("c", "{\"connector\":\"postgresql\",\"schema\":\"public\",\"table\":\"users\"}", "{\"id\":1}");

        ChangeEvent nullSchema = event("{\"schema\":null,\"payload\":" + KEY + "}", "{\"payload\":" + value + "}");

        assertThat(nullSchema.op()).isEqualTo(Op.CREATE);
        assertThat(nullSchema.key().text()).isEqualTo("i:1");
    }

    @Test
    void an_old_mongodb_update_with_a_patch_is_an_update_without_a_row() {
        String source = "{\"connector\":\"mongodb\",\"rs\":\"rs0\",\"db\":\"shop\",\"collection\":\"a.b\",\"h\":1}";
        String value = "{\"after\":null,\"patch\":\"{\\\"$set\\\":{\\\"a\\\":1}}\",\"source\":%s,\"op\":\"u\"}"
                .formatted(source);
        ChangeEvent event = event("{\"id\":\"{\\\"$oid\\\":\\\"596e275826f08b2730779e1f\\\"}\"}", value);

        assertThat(event.op()).isEqualTo(Op.UPDATE);
        assertThat(event.table()).isEqualTo(new SourceTable("shop", "a.b"));
        assertThat(event.key().text()).isEqualTo("o:596e275826f08b2730779e1f");
    }

    @Test
    void a_single_value_is_a_key() {
        assertThat(event("7", "{\"a\":1}").key().text()).isEqualTo("i:7");
        assertThat(event("\"x\"", "{\"a\":1}").key().text()).isEqualTo("s:x");
        assertThat(event("x y", "{\"a\":1}").key().text()).isEqualTo("s:x y");
    }

    @Test
    void a_row_with_the_names_of_an_envelope_is_a_row() {
        ChangeEvent op = event(KEY, "{\"id\":1,\"op\":\"c\"}");
        ChangeEvent all = event(KEY, "{\"before\":\"a\",\"after\":\"b\",\"op\":\"renamed\"}");
        ChangeEvent payload = event(KEY, "{\"payload\":\"text\"}");

        assertThat(op.shape()).isEqualTo(Shape.UNWRAPPED);
        assertThat(all.shape()).isEqualTo(Shape.UNWRAPPED);
        assertThat(payload.after().path("payload").asText()).isEqualTo("text");
    }

    @Test
    void the_version_field_of_a_document_is_a_column_and_not_taken_off() {
        assertThat(event(KEY, "{\"_id\":1,\"__v\":3,\"__op\":\"u\"}").after().toString())
                .isEqualTo("{\"_id\":1,\"__v\":3}");
    }

    @Test
    void a_prefix_with_dots_is_taken_off_if_it_is_known() {
        ChangeParser parser = ChangeParser.withTopicPrefix("a.b");
        Parsed parsed = parser.parse(record("a.b.shop.users", KEY, "{\"x\":1}"));

        assertThat(((Parsed.Change) parsed).event().table()).isEqualTo(new SourceTable("shop", "users"));
    }

    @Test
    void a_schema_change_and_a_notification_are_no_changes() {
        ChangeParser parser = ChangeParser.create();

        assertThat(parser.parse(record("server", null, "{\"source\":{},\"ddl\":\"CREATE\",\"tableChanges\":[]}")))
                .isEqualTo(Parsed.Notice.SCHEMA_CHANGE);
        assertThat(parser.parse(record(
                        "n",
                        null,
                        "{\"id\":\"1\",\"type\":\"STARTED\",\"aggregate_type\":\"Initial"
                                + " Snapshot\",\"additional_data\":{}}")))
                .isEqualTo(Parsed.Notice.NOTIFICATION);
    }

    static Stream<Arguments> noShapes() {
        String source = "\"source\":{\"connector\":\"mysql\"}";
        return Stream.of(
                Arguments.of("[1]", "JSON array; expected"),
                Arguments.of("5", "JSON number; expected"),
                Arguments.of("default", "not JSON; expected"),
                Arguments.of("", "not JSON; expected"),
                Arguments.of("{\"a\":1} x", "not JSON; expected"),
                Arguments.of(
                        "{\"specversion\":\"1.0\",\"id\":\"1\",\"type\":\"io.debezium\",\"data\":{}}",
                        "CloudEvent; expected"),
                Arguments.of("{\"op\":\"z\"," + source + "}", "op is 'z'; expected one of c, u, d, r, t, m"),
                Arguments.of("{\"op\":\"c\",\"after\":5," + source + "}", "'after' is number; expected"),
                Arguments.of("{\"id\":1,\"__op\":\"z\"}", "__op is 'z'; expected"));
    }

    @ParameterizedTest
    @MethodSource("noShapes")
    void what_is_no_shape_is_refused_with_what_was_expected(String value, String message) {
        assertThatThrownBy(() -> event(KEY, value))
                .isInstanceOf(UnknownShapeException.class)
                .hasMessageContaining(message);
    }

    @Test
    void the_zero_byte_of_a_schema_registry_is_named() {
        byte[] avro = {0, 0, 0, 0, 7, 2, 65};
        ChangeRecord record =
                new ChangeRecord("t", 0, 0, Payload.of(KEY), Payload.of(avro), Map.of(), null, OptionalLong.empty());

        assertThatThrownBy(() -> ChangeParser.create().parse(record))
                .isInstanceOf(UnknownShapeException.class)
                .hasMessageContaining("zero byte of a schema registry")
                .hasMessageContaining("value.converter");
    }

    @Test
    void neither_key_nor_value_is_refused() {
        assertThatThrownBy(() -> event(null, null)).hasMessageContaining("neither a key nor a value");
    }

    @Test
    void messages_and_texts_for_logs_have_no_values() {
        ChangeEvent event = event("{\"id\":\"secret\"}", "{\"name\":\"secret\"}");

        assertThat(event.toString()).doesNotContain("secret");
        assertThat(event.record().value()).hasToString("17 bytes");
    }
}
