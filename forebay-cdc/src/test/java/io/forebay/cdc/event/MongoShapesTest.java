package io.forebay.cdc.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.model.changestream.ChangeStreamDocument;
import com.mongodb.client.model.changestream.UpdateDescription;
import io.debezium.config.Configuration;
import io.debezium.connector.mongodb.CollectionId;
import io.debezium.connector.mongodb.MongoDbCollectionSchema;
import io.debezium.connector.mongodb.MongoDbConnectorConfig;
import io.debezium.connector.mongodb.MongoDbSchema;
import io.debezium.connector.mongodb.MongoDbTaskContext;
import io.debezium.connector.mongodb.SourceInfo;
import io.debezium.connector.mongodb.transforms.ExtractNewDocumentState;
import io.debezium.data.Envelope.Operation;
import io.debezium.schema.DefaultTopicNamingStrategy;
import io.debezium.schema.SchemaNameAdjuster;
import io.debezium.spi.topic.TopicNamingStrategy;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.bson.BsonBinary;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonDouble;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonObjectId;
import org.bson.BsonString;
import org.bson.BsonTimestamp;
import org.bson.BsonValue;
import org.bson.types.Decimal128;
import org.bson.types.ObjectId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Debezium's classes for MongoDB make of change-stream documents, through its transform and Kafka Connect's converters: the key
 * table, the deletions, and what an update brings. The change-stream documents themselves are made here; no server is asked.
 */
class MongoShapesTest {
    private static final String HEX = "596e275826f08b2730779e1f";
    private static final BsonDocument ANN =
            BsonDocument.parse("{\"_id\": {\"$oid\": \"" + HEX + "\"}, \"name\": \"ann\"}");
    private static final BsonDocument ANN_ID = new BsonDocument("_id", ANN.get("_id"));

    private static final Configuration SETTINGS = Configuration.create()
            .with("topic.prefix", "server")
            .with("mongodb.connection.string", "mongodb://localhost:27017")
            .build();
    private static final MongoDbConnectorConfig CONFIG = new MongoDbConnectorConfig(SETTINGS);
    private static final SourceInfo SOURCE = new SourceInfo(CONFIG);
    private static final MongoDbCollectionSchema SCHEMA = schema();

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static MongoDbCollectionSchema schema() {
        TopicNamingStrategy<CollectionId> topics = (TopicNamingStrategy) DefaultTopicNamingStrategy.create(CONFIG);
        MongoDbSchema schema = new MongoDbSchema(
                CONFIG,
                new MongoDbTaskContext(SETTINGS),
                topics,
                CONFIG.getSourceInfoStructMaker().schema(),
                SchemaNameAdjuster.NO_OP);
        return (MongoDbCollectionSchema) schema.schemaFor(new CollectionId("shop", "users"));
    }

    private static SourceRecord record(
            Operation op, BsonDocument id, BsonDocument after, BsonDocument before, UpdateDescription update) {
        ChangeStreamDocument<BsonDocument> change = new ChangeStreamDocument<>(
                operationType(op),
                new BsonDocument("_data", new BsonString("token")),
                BsonDocument.parse("{\"db\": \"shop\", \"coll\": \"users\"}"),
                null,
                null,
                after,
                before,
                id,
                new BsonTimestamp(1_558_965_508, 1),
                update,
                new BsonInt64(5),
                BsonDocument.parse(
                        "{\"id\": {\"$binary\": {\"base64\": \"AAAAAAAAAAAAAAAAAAAAAA==\", \"subType\": \"04\"}}}"),
                new BsonDateTime(1_558_965_508_000L),
                null,
                null);
        SOURCE.changeStreamEvent(change);
        Struct value = SCHEMA.valueFromDocumentChangeStream(change, op);
        value.put("source", SOURCE.struct());
        value.put("op", op.code());
        value.put("ts_ms", 1_558_965_508_100L);
        return new SourceRecord(
                Map.of(),
                Map.of(),
                "server.shop.users",
                SCHEMA.keySchema(),
                SCHEMA.keyFromDocument(id),
                SCHEMA.getEnvelopeSchema().schema(),
                value);
    }

    private static String operationType(Operation op) {
        return switch (op) {
            case CREATE -> "insert";
            case DELETE -> "delete";
            default -> "update";
        };
    }

    private static SourceRecord inserted(BsonDocument document) {
        return record(Operation.CREATE, new BsonDocument("_id", document.get("_id")), document, null, null);
    }

    private static SourceRecord tombstone(SourceRecord of) {
        return new SourceRecord(Map.of(), Map.of(), of.topic(), of.keySchema(), of.key(), null, null);
    }

    private static List<SourceRecord> unwrapped(String mode, SourceRecord... records) {
        return Records.through(
                new ExtractNewDocumentState<>(), Map.of("delete.tombstone.handling.mode", mode), List.of(records));
    }

    static Stream<Arguments> keys() {
        UUID uuid = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
        return Stream.of(
                Arguments.of(new BsonInt32(1004), "i:1004", "1004"),
                Arguments.of(new BsonInt64(1004), "i:1004", "1004"),
                Arguments.of(new BsonDouble(12.0), "f:12.0", "12.0"),
                Arguments.of(new BsonString("1004"), "s:1004", "1004"),
                Arguments.of(new BsonObjectId(new ObjectId(HEX)), "o:" + HEX, HEX),
                Arguments.of(
                        BsonDocument.parse("{\"hi\": \"kafka\", \"nums\": [10.0, 100.0]}"),
                        "c:{\"hi\":\"kafka\",\"nums\":[10.0,100.0]}",
                        "{\"hi\":\"kafka\",\"nums\":[10.0,100.0]}"),
                Arguments.of(new BsonBinary(uuid), "b:04:ABEiM0RVZneImaq7zN3u/w==", "ABEiM0RVZneImaq7zN3u/w=="),
                Arguments.of(new BsonDateTime(1_558_965_508_000L), "d:1558965508000", "1558965508000"),
                Arguments.of(new org.bson.BsonDecimal128(Decimal128.parse("1.50")), "n:1.5", "1.50"),
                Arguments.of(org.bson.BsonBoolean.TRUE, "t:true", "true"),
                Arguments.of(org.bson.BsonNull.VALUE, "0:null", "null"));
    }

    /** The key and the document spell the same id differently. */
    @ParameterizedTest
    @MethodSource("keys")
    void key_table_the_key_and_the_document_say_the_same(BsonValue id, String canonical, String rendered) {
        SourceRecord record = inserted(new BsonDocument("_id", id).append("a", new BsonInt32(1)));
        for (boolean schemas : List.of(true, false)) {
            ChangeEvent event = Records.event(Records.json(record, schemas));

            assertThat(event.key().text()).isEqualTo(canonical);
            assertThat(Values.render(event.key().column("_id").orElseThrow())).isEqualTo(rendered);
            assertThat(Values.render(event.key().column("id").orElseThrow())).isEqualTo(rendered);
            assertThat(Values.canonical(event.after().get("_id"))).isEqualTo(canonical);
        }
    }

    @ParameterizedTest
    @MethodSource("keys")
    void key_table_raw_and_unwrapped_keys_give_the_same_value(BsonValue id, String canonical, String rendered) {
        SourceRecord record = inserted(new BsonDocument("_id", id).append("a", new BsonInt32(1)));
        ChangeRecord unwrapped = Records.json(unwrapped("rewrite", record).get(0), false);
        ChangeEvent event = Records.event(unwrapped);
        String value = Values.render(event.key().column("id").orElseThrow());

        assertThat(value).isEqualTo(rendered);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void an_insert_has_table_document_times_and_transaction(boolean schemas) {
        ChangeEvent event = Records.event(Records.json(inserted(ANN), schemas));

        assertThat(event.op()).isEqualTo(Op.CREATE);
        assertThat(event.table()).isEqualTo(new SourceTable("shop", "users"));
        assertThat(event.connector()).isEqualTo("mongodb");
        assertThat(event.after().path("name").asText()).isEqualTo("ann");
        assertThat(event.completeAfter()).isPresent();
        assertThat(event.committed().toEpochMilli()).isEqualTo(1_558_965_508_000L);
        assertThat(event.transaction()).endsWith(":5");
    }

    @Test
    void an_update_without_the_document_is_no_deletion_and_has_no_row() {
        UpdateDescription update = new UpdateDescription(List.of("old"), BsonDocument.parse("{\"a\": 1}"), List.of());
        ChangeEvent event = Records.event(Records.json(record(Operation.UPDATE, ANN_ID, null, null, update), false));

        assertThat(event.op()).isEqualTo(Op.UPDATE);
        assertThat(event.after()).isNull();
        assertThat(event.completeAfter()).isEmpty();
    }

    @Test
    void an_update_with_a_pre_image_has_both() {
        UpdateDescription update = new UpdateDescription(null, BsonDocument.parse("{\"name\": \"bob\"}"), List.of());
        BsonDocument bob = ANN.clone().append("name", new BsonString("bob"));
        ChangeEvent event = Records.event(Records.json(record(Operation.UPDATE, ANN_ID, bob, ANN, update), false));

        assertThat(event.before().path("name").asText()).isEqualTo("ann");
        assertThat(event.after().path("name").asText()).isEqualTo("bob");
    }

    /** The transform makes a row of what was changed; nothing says that it is not all of it. */
    @Test
    void an_unwrapped_update_is_never_taken_for_the_whole_document() {
        UpdateDescription update = new UpdateDescription(null, BsonDocument.parse("{\"a\": 1}"), List.of());
        SourceRecord left = unwrapped("rewrite", record(Operation.UPDATE, ANN_ID, null, null, update))
                .get(0);
        ChangeEvent event = Records.event(Records.json(left, false));

        assertThat(event.after().path("a").asInt()).isEqualTo(1);
        assertThat(event.after().has("name")).isFalse();
        assertThat(event.partial()).isTrue();
        assertThat(event.completeAfter()).isEmpty();
    }

    @Test
    void delete_table_raw_is_a_deletion_and_a_null() {
        SourceRecord deleted = record(Operation.DELETE, ANN_ID, null, null, null);
        ChangeEvent event = Records.event(Records.json(deleted, false));
        ChangeEvent after = Records.event(Records.json(tombstone(deleted), false));

        assertThat(event.op()).isEqualTo(Op.DELETE);
        assertThat(after.op()).isEqualTo(Op.DELETE);
        assertThat(after.shape()).isEqualTo(Shape.TOMBSTONE);
        assertThat(after.key()).isEqualTo(event.key());
    }

    @Test
    void delete_table_the_default_of_the_transform_is_a_null_with_a_bare_id() {
        SourceRecord deleted = record(Operation.DELETE, ANN_ID, null, null, null);
        ChangeRecord left = Records.json(unwrapped("tombstone", deleted).get(0), false);
        ChangeEvent event = Records.event(left);

        assertThat(left.value()).isNull();
        assertThat(left.key().text()).contains("{\"id\":\"" + HEX + "\"}");
        assertThat(event.op()).isEqualTo(Op.DELETE);
        assertThat(Values.render(event.key().column("_id").orElseThrow())).isEqualTo(HEX);
    }

    @Test
    void delete_table_rewrite_says_it_with_a_boolean() {
        SourceRecord deleted = record(Operation.DELETE, ANN_ID, null, null, null);
        ChangeRecord left = Records.json(unwrapped("rewrite", deleted).get(0), false);
        ChangeEvent event = Records.event(left);

        assertThat(left.value().text().orElseThrow()).contains("\"__deleted\":true");
        assertThat(event.op()).isEqualTo(Op.DELETE);
        assertThat(event.before()).isNull();
        assertThat(Values.render(event.key().column("id").orElseThrow())).isEqualTo(HEX);
    }

    @Test
    void delete_table_rewrite_with_the_id_has_it_in_the_row() {
        SourceRecord deleted = record(Operation.DELETE, ANN_ID, null, null, null);
        List<SourceRecord> left = Records.through(
                new ExtractNewDocumentState<>(),
                Map.of(
                        "delete.tombstone.handling.mode", "rewrite",
                        "delete.tombstone.handling.mode.rewrite-with-id", "true"),
                List.of(deleted));
        ChangeEvent event = Records.event(Records.json(left.get(0), false));

        assertThat(event.op()).isEqualTo(Op.DELETE);
        assertThat(event.before().path("_id").asText()).isEqualTo(HEX);
    }
}
