package io.forebay.cdc.kafka;

import io.forebay.cdc.event.ChangeRecord;
import io.forebay.cdc.event.Payload;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Kafka's records as records of changes. */
final class KafkaRecords {
    private KafkaRecords() {}

    /** The offset is its fence: changes of one key are in one partition, in their order. */
    static ChangeRecord record(ConsumerRecord<byte[], byte[]> record) {
        return new ChangeRecord(
                record.topic(),
                record.partition(),
                record.offset(),
                payload(record.key()),
                payload(record.value()),
                headers(record),
                Instant.ofEpochMilli(record.timestamp()),
                OptionalLong.of(record.offset()));
    }

    static Map<String, Payload> headers(ConsumerRecord<byte[], byte[]> record) {
        Map<String, Payload> headers = new HashMap<>();
        record.headers().forEach(header -> {
            if (header.value() != null) headers.put(header.key(), Payload.of(header.value()));
        });
        return headers;
    }

    static @Nullable Payload payload(byte @Nullable [] bytes) {
        return bytes == null ? null : Payload.of(bytes);
    }
}
