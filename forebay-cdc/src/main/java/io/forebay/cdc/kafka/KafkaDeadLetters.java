package io.forebay.cdc.kafka;

import io.forebay.cdc.DeadLetter;
import io.forebay.cdc.DeadLetters;
import io.forebay.cdc.event.ChangeRecord;
import io.forebay.cdc.event.Payload;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters in a topic, as the records came, with headers {@code forebay.topic}, {@code forebay.partition}, {@code
 * forebay.offset}, {@code forebay.at} and {@code forebay.reason}. How far they were replayed is committed for the group {@code
 * TOPIC-replay}; letters that a replay could not handle are written again, at the topic's end.
 */
public final class KafkaDeadLetters implements DeadLetters {
    private static final String OURS = "forebay.";

    private final Map<String, Object> properties;
    private final String topic;
    private final Producer<byte[], byte[]> producer;

    private KafkaDeadLetters(Map<String, Object> properties, String topic) {
        this.properties = properties;
        this.topic = topic;
        Map<String, Object> all = of(ProducerConfig.configNames());
        all.put(ProducerConfig.ACKS_CONFIG, "all");
        this.producer = new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /**
     * @param properties of Kafka's clients; {@code bootstrap.servers} is required
     * @param topic must exist
     */
    public static KafkaDeadLetters in(String topic, Map<String, ?> properties) {
        if (!properties.containsKey(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG))
            throw new IllegalArgumentException("bootstrap.servers is missing");
        return new KafkaDeadLetters(Map.copyOf(properties), topic);
    }

    private Map<String, Object> of(Set<String> known) {
        Map<String, Object> some = new HashMap<>();
        properties.forEach((name, value) -> {
            if (known.contains(name)) some.put(name, value);
        });
        return some;
    }

    @Override
    public void add(DeadLetter letter) {
        try {
            producer.send(record(letter)).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("the dead letter could not be written to " + topic, e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private ProducerRecord<byte[], byte[]> record(DeadLetter letter) {
        ChangeRecord from = letter.record();
        ProducerRecord<byte[], byte[]> to = new ProducerRecord<>(topic, null, bytes(from.key()), bytes(from.value()));
        from.headers().forEach((name, value) -> to.headers().add(name, value.bytes()));
        put(to.headers(), "topic", from.topic());
        put(to.headers(), "partition", Integer.toString(from.partition()));
        put(to.headers(), "offset", Long.toString(from.offset()));
        put(to.headers(), "at", letter.at().toString());
        put(to.headers(), "reason", letter.reason());
        return to;
    }

    private static byte @Nullable [] bytes(@Nullable Payload payload) {
        return payload == null ? null : payload.bytes();
    }

    private static void put(Headers headers, String name, String value) {
        headers.add(OURS + name, value.getBytes(StandardCharsets.UTF_8));
    }

    private static DeadLetter letter(ConsumerRecord<byte[], byte[]> record) {
        Map<String, Payload> headers = new HashMap<>(KafkaRecords.headers(record));
        headers.keySet().removeIf(name -> name.startsWith(OURS));
        ChangeRecord was = new ChangeRecord(
                text(record, "topic"),
                Integer.parseInt(text(record, "partition")),
                Long.parseLong(text(record, "offset")),
                KafkaRecords.payload(record.key()),
                KafkaRecords.payload(record.value()),
                headers,
                null,
                OptionalLong.empty());
        return new DeadLetter(was, text(record, "reason"), Instant.parse(text(record, "at")));
    }

    private static String text(ConsumerRecord<byte[], byte[]> record, String name) {
        var header = record.headers().lastHeader(OURS + name);
        if (header == null)
            throw new IllegalStateException("%s-%d@%d is no dead letter: it has no header %s"
                    .formatted(record.topic(), record.partition(), record.offset(), OURS + name));
        return new String(header.value(), StandardCharsets.UTF_8);
    }

    @Override
    public Replayed replay(Function<DeadLetter, CompletableFuture<Boolean>> handler) throws InterruptedException {
        try (Consumer<byte[], byte[]> consumer = consumer()) {
            List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                    .map(partition -> new TopicPartition(topic, partition.partition()))
                    .toList();
            consumer.assign(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions); // what comes later is for the next replay
            int handled = 0;
            int left = 0;
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
                List<DeadLetter> letters = new ArrayList<>();
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200)))
                    if (record.offset() < ends.getOrDefault(new TopicPartition(topic, record.partition()), 0L))
                        letters.add(letter(record));
                int stay = handle(letters, handler);
                left += stay;
                handled += letters.size() - stay;
                consumer.commitSync(positions(consumer, ends));
            }
            return new Replayed(handled, left);
        }
    }

    private static Map<TopicPartition, OffsetAndMetadata> positions(
            Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
        Map<TopicPartition, OffsetAndMetadata> positions = new HashMap<>();
        ends.forEach((partition, end) ->
                positions.put(partition, new OffsetAndMetadata(Math.min(end, consumer.position(partition)))));
        return positions;
    }

    /** Returns how many stay. */
    private int handle(List<DeadLetter> letters, Function<DeadLetter, CompletableFuture<Boolean>> handler)
            throws InterruptedException {
        List<CompletableFuture<Boolean>> results = new ArrayList<>();
        for (DeadLetter letter : letters) results.add(handler.apply(letter));
        int left = 0;
        for (int i = 0; i < letters.size(); i++) {
            if (isHandled(results.get(i))) continue;
            add(letters.get(i));
            left++;
        }
        return left;
    }

    private static boolean isHandled(CompletableFuture<Boolean> result) throws InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            return false;
        }
    }

    private Consumer<byte[], byte[]> consumer() {
        Map<String, Object> all = of(ConsumerConfig.configNames());
        all.put(ConsumerConfig.GROUP_ID_CONFIG, topic + "-replay");
        all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return new KafkaConsumer<>(all, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(3));
    }
}
