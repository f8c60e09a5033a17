package io.forebay.cdc;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.forebay.cdc.event.ChangeRecord;
import io.forebay.cdc.event.Payload;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** A dead letter as one line of JSON. Payloads are texts, or {@code {"base64": …}} if they are none. */
final class DeadLetterJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private DeadLetterJson() {}

    static String write(DeadLetter letter) {
        ChangeRecord record = letter.record();
        ObjectNode line = JSON.createObjectNode()
                .put("at", letter.at().toString())
                .put("reason", letter.reason())
                .put("topic", record.topic())
                .put("partition", record.partition())
                .put("offset", record.offset());
        line.set("key", payload(record.key()));
        line.set("value", payload(record.value()));
        ObjectNode headers = line.putObject("headers");
        record.headers().forEach((name, value) -> headers.set(name, payload(value)));
        if (record.published() != null) line.put("published", record.published().toString());
        return line.toString();
    }

    private static JsonNode payload(@Nullable Payload payload) {
        if (payload == null) return JSON.nullNode();
        Optional<String> text = payload.text();
        if (text.isPresent()) return JSON.getNodeFactory().textNode(text.get());
        return JSON.createObjectNode().put("base64", Base64.getEncoder().encodeToString(payload.bytes()));
    }

    static DeadLetter read(String text) {
        try {
            JsonNode line = JSON.readTree(text);
            Map<String, Payload> headers = new HashMap<>();
            line.path("headers").properties().forEach(header -> {
                Payload value = payload(header.getValue());
                if (value != null) headers.put(header.getKey(), value);
            });
            JsonNode published = line.path("published");
            ChangeRecord record = new ChangeRecord(
                    line.path("topic").asText(),
                    line.path("partition").asInt(),
                    line.path("offset").asLong(),
                    payload(line.path("key")),
                    payload(line.path("value")),
                    headers,
                    published.isTextual() ? Instant.parse(published.textValue()) : null,
                    OptionalLong.empty());
            return new DeadLetter(
                    record,
                    line.path("reason").asText(),
                    Instant.parse(line.path("at").asText()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a line of the dead letters is not JSON: " + e.getMessage(), e);
        }
    }

    private static @Nullable Payload payload(JsonNode node) {
        if (node.isTextual()) return Payload.of(node.textValue());
        return node.has("base64")
                ? Payload.of(Base64.getDecoder().decode(node.get("base64").asText()))
                : null;
    }
}
