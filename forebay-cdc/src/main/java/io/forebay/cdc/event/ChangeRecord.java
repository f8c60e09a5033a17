package io.forebay.cdc.event;

import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One record as a source brought it, not looked at yet.
 *
 * @param topic the topic it was in, or would be in: {@code prefix.schema.table}
 * @param partition of the topic; 0 where there are none
 * @param offset its number within the partition
 * @param headers the last one of each name
 * @param published when it was written to the topic, null where there is none
 * @param fence a number that grows with every record of one key, if the source has one
 */
public record ChangeRecord(
        String topic,
        int partition,
        long offset,
        @Nullable Payload key,
        @Nullable Payload value,
        Map<String, Payload> headers,
        @Nullable Instant published,
        OptionalLong fence) {
    public ChangeRecord {
        Objects.requireNonNull(topic, "topic");
        Objects.requireNonNull(fence, "fence");
        headers = Map.copyOf(headers);
    }

    /** The same without its fence: what it brings is not to be stored. */
    public ChangeRecord withoutFence() {
        return new ChangeRecord(topic, partition, offset, key, value, headers, published, OptionalLong.empty());
    }

    /** Where it was, for messages: {@code topic-partition@offset}. */
    public String place() {
        return topic + "-" + partition + "@" + offset;
    }
}
