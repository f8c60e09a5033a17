package io.forebay.testservers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

final class KafkaServerTest {
    private static KafkaServer server;

    @BeforeAll
    static void startServer() {
        server = KafkaServer.create("message.max.bytes=2000");
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @Test
    void what_was_acknowledged_before_a_SIGKILL_is_there_afterwards() throws Exception {
        createTopic("killed");
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            producer.send(new ProducerRecord<>("killed", "key", "value")).get(10, TimeUnit.SECONDS);
        }

        server.restart();

        assertThat(values("killed")).containsExactly("value");
    }

    @Test
    @Tag("slow")
    void an_orderly_stop_ends_the_process() {
        server.stop();

        assertThat(server.isRunning()).isFalse();

        server.start();
    }

    @Test
    void a_paused_server_answers_when_it_is_resumed() throws Exception {
        createTopic("paused");
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            producer.partitionsFor("paused");

            server.pause();
            Future<RecordMetadata> sent = producer.send(new ProducerRecord<>("paused", "key", "value"));
            assertThatThrownBy(() -> sent.get(300, TimeUnit.MILLISECONDS)).isInstanceOf(TimeoutException.class);
            server.resume();

            assertThat(sent.get(10, TimeUnit.SECONDS).offset()).isZero();
        } finally {
            server.resume();
        }
    }

    @Test
    void transactions_work() throws Exception {
        createTopic("transactions");
        try (KafkaProducer<String, String> producer = producer(Map.of("transactional.id", "t"))) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("transactions", "key", "aborted"));
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("transactions", "key", "committed"));
            producer.commitTransaction();
        }

        assertThat(values("transactions")).containsExactly("committed");
    }

    @Test
    void settings_that_are_given_win() throws Exception {
        createTopic("settings");
        try (KafkaProducer<String, String> producer = producer(Map.of())) {
            Future<RecordMetadata> tooBig = producer.send(new ProducerRecord<>("settings", "key", "x".repeat(3000)));

            assertThatThrownBy(tooBig::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasMessageContaining("RecordTooLarge");
        }
    }

    @Test
    void a_start_that_fails_shows_the_log() {
        assertThatThrownBy(() -> KafkaServer.create("log.segment.bytes=-1"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("log.segment.bytes");
    }

    private static void createTopic(String name) throws Exception {
        try (Admin admin = server.admin()) {
            admin.createTopics(List.of(new NewTopic(name, 1, (short) 1))).all().get();
        }
    }

    private static KafkaProducer<String, String> producer(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", server.bootstrapServers());
        return new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
    }

    private static List<String> values(String topic) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", server.bootstrapServers(), "isolation.level", "read_committed");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            TopicPartition partition = new TopicPartition(topic, 0);
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            return consumer.poll(Duration.ofSeconds(10)).records(partition).stream()
                    .map(ConsumerRecord::value)
                    .toList();
        }
    }
}
