package io.forebay.cdc.engine;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.runtime.WorkerConfig;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;

/**
 * Keeps the engine's positions in a file of JSON, replaced as a whole and forced. Debezium makes it by its name; Kafka's own file
 * store writes serialized Java objects, and nothing tells from outside where it stands.
 */
public final class OffsetFile extends MemoryOffsetBackingStore {
    static final String PROPERTY = "forebay.offset.file";

    private static final ObjectMapper JSON = new ObjectMapper();

    private Path file = Path.of("");

    /** For Debezium. */
    public OffsetFile() {}

    /** The positions in the file: by source, both as the JSON that Debezium made. Empty if there is no file. */
    static Map<String, String> read(Path file) {
        try {
            if (!Files.exists(file)) return Map.of();
            Map<String, String> offsets = new HashMap<>();
            JsonNode content = JSON.readTree(Files.readAllBytes(file));
            content.properties()
                    .forEach(entry ->
                            offsets.put(entry.getKey(), entry.getValue().asText()));
            return offsets;
        } catch (IOException e) {
            throw new UncheckedIOException("the positions could not be read from " + file, e);
        }
    }

    @Override
    public void configure(WorkerConfig config) {
        super.configure(config);
        file = Path.of(config.originalsStrings().get(PROPERTY));
    }

    @Override
    public synchronized void start() {
        super.start();
        read(file).forEach((source, position) -> data.put(bytes(source), bytes(position)));
    }

    @Override
    protected void save() {
        ObjectNode content = JSON.createObjectNode();
        data.forEach((source, position) -> {
            if (position != null) content.put(text(source), text(position));
        });
        try {
            replace(content.toString());
        } catch (IOException e) {
            throw new UncheckedIOException("the positions could not be written to " + file, e);
        }
    }

    private void replace(String content) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        try (FileChannel channel = FileChannel.open(
                next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
            ByteBuffer bytes = bytes(content);
            while (bytes.hasRemaining()) channel.write(bytes);
            channel.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
    }

    @Override
    public Set<Map<String, Object>> connectorPartitions(String connectorName) {
        return Set.of();
    }
}
