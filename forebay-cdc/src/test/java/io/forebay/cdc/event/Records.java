package io.forebay.cdc.event;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.transforms.Transformation;

/** What Kafka Connect would write to the topic: Debezium's transform, then the converters. */
final class Records {
    private Records() {}

    /** The record as bytes; a converter with schemas or without. */
    static ChangeRecord json(SourceRecord record, boolean schemas) {
        Map<String, Payload> headers = new HashMap<>();
        try (SimpleHeaderConverter converter = new SimpleHeaderConverter()) {
            for (Header header : record.headers()) {
                byte[] value =
                        converter.fromConnectHeader(record.topic(), header.key(), header.schema(), header.value());
                if (value != null) headers.put(header.key(), Payload.of(value));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ChangeRecord(
                record.topic(),
                0,
                0,
                bytes(record, true, schemas),
                bytes(record, false, schemas),
                headers,
                null,
                OptionalLong.empty());
    }

    private static Payload bytes(SourceRecord record, boolean isKey, boolean schemas) {
        try (JsonConverter converter = new JsonConverter()) {
            converter.configure(Map.of("schemas.enable", schemas, "converter.type", isKey ? "key" : "value"));
            byte[] bytes = isKey
                    ? converter.fromConnectData(record.topic(), record.keySchema(), record.key())
                    : converter.fromConnectData(record.topic(), record.valueSchema(), record.value());
            return bytes == null ? null : Payload.of(bytes);
        }
    }

    /** What the transform leaves of the records: one dropped is missing. */
    static <T extends Transformation<SourceRecord>> List<SourceRecord> through(
            T transform, Map<String, String> settings, List<SourceRecord> records) {
        try (transform) {
            transform.configure(settings);
            return records.stream()
                    .map(transform::apply)
                    .filter(Objects::nonNull)
                    .toList();
        }
    }

    static boolean isTombstone(ConnectRecord<?> record) {
        return record.value() == null;
    }

    /** The event in the record, or a failure that says what it was instead. */
    static ChangeEvent event(ChangeRecord record) {
        Parsed parsed = ChangeParser.create().parse(record);
        if (parsed instanceof Parsed.Change change) return change.event();
        throw new AssertionError("no change but " + parsed);
    }
}
