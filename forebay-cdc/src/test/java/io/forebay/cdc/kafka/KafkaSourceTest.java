package io.forebay.cdc.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.DeadLetters;
import io.forebay.cdc.FakeCache;
import io.forebay.cdc.rule.Rules;
import io.forebay.testservers.KafkaServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A real broker: positions, gaps, and dead letters. */
class KafkaSourceTest {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static KafkaServer server;
    private static Admin admin;
    private static KafkaProducer<byte[], byte[]> producer;

    private final FakeCache cache = new FakeCache();
    private final List<CdcPipeline> running = new ArrayList<>();
    private String topic;
    private String letters;

    @BeforeAll
    static void startServer() {
        server = KafkaServer.create();
        admin = server.admin();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", server.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    @AfterAll
    static void stopServer() {
        producer.close();
        admin.close();
        server.close();
    }

    @BeforeEach
    void createTopics() throws Exception {
        topic = "server.public.users" + NUMBER.incrementAndGet();
        letters = "letters" + NUMBER.get();
        create(topic, 2);
        create(letters, 1);
    }

    @AfterEach
    void close() {
        running.forEach(CdcPipeline::close);
    }

    private static void create(String name, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                .all()
                .get(20, TimeUnit.SECONDS);
    }

    private CdcPipeline start(boolean assigned) {
        KafkaSource.Builder source = KafkaSource.builder()
                .bootstrapServers(server.bootstrapServers())
                .topics(topic)
                .group("group-" + topic)
                .property("session.timeout.ms", 6000);
        if (assigned) source.assigned();
        CdcPipeline pipeline = CdcPipeline.builder()
                .source(source.build())
                .rules(Rules.builder()
                        .on("users*", rule -> rule.key("user:{id}"))
                        .build())
                .cache(cache)
                .deadLetters(KafkaDeadLetters.in(letters, Map.of("bootstrap.servers", server.bootstrapServers())))
                .start();
        running.add(pipeline);
        return pipeline;
    }

    private CdcPipeline startAndAwaitFlush(boolean assigned) {
        int before = cache.flushes().size();
        CdcPipeline pipeline = start(assigned);
        await().atMost(Duration.ofSeconds(20)).until(() -> cache.flushes().size() > before);
        return pipeline;
    }

    private void stop(CdcPipeline pipeline) {
        pipeline.close();
        running.remove(pipeline);
    }

    private void change(int id) throws Exception {
        send(id % 2, "{\"id\":" + id + "}", "{\"id\":" + id + "}");
    }

    private void send(int partition, String key, String value) throws Exception {
        producer.send(new ProducerRecord<>(
                        topic, partition, key.getBytes(StandardCharsets.UTF_8), value.getBytes(StandardCharsets.UTF_8)))
                .get(20, TimeUnit.SECONDS);
    }

    private void fill() {
        for (int id = 0; id < 10; id++) cache.put("user:" + id, "old");
    }

    private void awaitGone(int id) {
        await().atMost(Duration.ofSeconds(20)).until(() -> cache.get("user:" + id) == null);
    }

    private long committed(int partition) throws Exception {
        var offsets = admin.listConsumerGroupOffsets("group-" + topic)
                .partitionsToOffsetAndMetadata()
                .get(20, TimeUnit.SECONDS)
                .get(new TopicPartition(topic, partition));
        return offsets == null ? -1 : offsets.offset();
    }

    @Test
    void a_first_start_invalidates_everything_and_a_second_one_goes_on() throws Exception {
        change(0);
        fill();
        CdcPipeline first = startAndAwaitFlush(false);
        assertThat(cache.entries()).isEmpty();
        fill();
        change(1);
        awaitGone(1);
        stop(first);
        change(2);

        start(false);
        awaitGone(2);

        assertThat(cache.flushes()).hasSize(1);
        assertThat(cache.entries()).hasSize(8);
    }

    @Test
    void a_quiet_topic_is_no_gap_at_the_second_start() throws Exception {
        CdcPipeline first = startAndAwaitFlush(true);
        await().atMost(Duration.ofSeconds(20)).until(() -> committed(0) == 0 && committed(1) == 0);
        stop(first);
        fill();

        start(true);
        change(3);
        awaitGone(3);

        assertThat(cache.flushes()).hasSize(1);
        assertThat(cache.entries()).hasSize(9);
    }

    @Test
    void records_behind_one_that_is_not_done_are_not_committed() throws Exception {
        CdcPipeline pipeline = startAndAwaitFlush(false);
        await().atMost(Duration.ofSeconds(20)).until(() -> committed(0) == 0);
        fill();
        cache.refuse("user:0"::equals, new IllegalStateException("not this one"));

        change(0);
        change(2);
        awaitGone(2);
        stop(pipeline);

        assertThat(committed(0)).isZero();
        cache.refuse(name -> false, new IllegalStateException());
        start(false);
        awaitGone(0);
        assertThat(cache.flushes()).hasSize(1);
    }

    @Test
    void a_position_out_of_the_topics_range_invalidates_everything() throws Exception {
        CdcPipeline first = startAndAwaitFlush(false);
        change(0);
        await().atMost(Duration.ofSeconds(20)).until(() -> committed(0) == 1);
        stop(first);
        for (int i = 0; i < 5; i++) change(0);
        admin.deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(4)))
                .all()
                .get(20, TimeUnit.SECONDS);
        fill();

        startAndAwaitFlush(false);

        assertThat(cache.flushes().get(1)).contains("position 1 is out of the topic's range, 4 to 6");
        fill();
        change(4);
        awaitGone(4);
    }

    private void createAgain() throws Exception {
        admin.deleteTopics(List.of(topic)).all().get(20, TimeUnit.SECONDS);
        await().ignoreExceptions().atMost(Duration.ofSeconds(20)).until(() -> {
            create(topic, 2);
            return true;
        });
    }

    /** Brokers forget the positions of a deleted topic; they may also be still there, from before. */
    @Test
    void a_topic_that_was_created_again_invalidates_everything() throws Exception {
        CdcPipeline first = startAndAwaitFlush(true);
        change(0);
        await().atMost(Duration.ofSeconds(20)).until(() -> committed(0) == 1);
        stop(first);
        String id = admin.listConsumerGroupOffsets("group-" + topic)
                .partitionsToOffsetAndMetadata()
                .get(20, TimeUnit.SECONDS)
                .get(new TopicPartition(topic, 0))
                .metadata();
        createAgain();
        for (int i = 0; i < 5; i++) change(0);
        OffsetAndMetadata old = new OffsetAndMetadata(1, id);
        admin.alterConsumerGroupOffsets(
                        "group-" + topic,
                        Map.of(
                                new TopicPartition(topic, 0),
                                old,
                                new TopicPartition(topic, 1),
                                new OffsetAndMetadata(0, id)))
                .all()
                .get(20, TimeUnit.SECONDS);

        startAndAwaitFlush(true);

        assertThat(cache.flushes().get(1)).contains("created again");
    }

    @Test
    void a_topic_that_is_created_again_while_it_is_read_invalidates_everything() throws Exception {
        startAndAwaitFlush(true);
        change(0);
        await().atMost(Duration.ofSeconds(20)).until(() -> committed(0) == 1);

        createAgain();
        for (int i = 0; i < 5; i++) change(0);

        await().atMost(Duration.ofSeconds(30))
                .until(() -> cache.flushes().stream().anyMatch(reason -> reason.contains("created again")));
    }

    @Test
    void a_partition_that_was_added_invalidates_everything() throws Exception {
        startAndAwaitFlush(true);
        fill();

        admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(3))).all().get(20, TimeUnit.SECONDS);
        await().atMost(Duration.ofSeconds(20)).until(() -> cache.flushes().size() == 2);

        assertThat(cache.flushes().get(1)).contains(topic + "-2: no position is known");
        fill();
        send(2, "{\"id\":5}", "{\"id\":5}");
        awaitGone(5);
    }

    @Test
    void two_members_of_a_group_tell_every_change() throws Exception {
        startAndAwaitFlush(false);
        await().atMost(Duration.ofSeconds(20)).until(() -> committed(0) == 0 && committed(1) == 0);
        start(false);
        fill();

        for (int id = 0; id < 10; id++) change(id);

        await().atMost(Duration.ofSeconds(30)).until(() -> cache.entries().isEmpty());
    }

    @Tag("slow")
    @Test
    void a_broker_that_was_killed_loses_no_change() throws Exception {
        startAndAwaitFlush(true);
        fill();
        change(1);
        awaitGone(1);
        await().atMost(Duration.ofSeconds(20)).until(() -> committed(1) == 1);

        server.restart();
        change(3);
        awaitGone(3);

        assertThat(cache.flushes()).hasSize(1);
        assertThat(cache.entries()).hasSize(8);
    }

    @Test
    void a_cache_that_is_away_makes_the_source_wait_and_everything_is_told() throws Exception {
        CdcPipeline pipeline = startAndAwaitFlush(true);
        fill();
        cache.away(true);
        for (int id = 0; id < 10; id++) change(id);
        await().atMost(Duration.ofSeconds(20)).until(() -> pipeline.status().underWay() == 10);
        assertThat(committed(0)).isLessThanOrEqualTo(0);

        cache.away(false);

        await().atMost(Duration.ofSeconds(20)).until(() -> cache.entries().isEmpty());
        await().atMost(Duration.ofSeconds(20)).until(() -> committed(0) == 5 && committed(1) == 5);
    }

    @Test
    void a_gap_that_is_not_invalidated_yet_is_one_again_after_a_restart() throws Exception {
        cache.away(true);
        CdcPipeline first = start(true);
        await().atMost(Duration.ofSeconds(20)).until(() -> cache.calls().contains("flush"));
        change(0);
        stop(first);
        assertThat(committed(0)).isEqualTo(-1);
        cache.away(false);
        fill();

        startAndAwaitFlush(true);

        assertThat(cache.entries()).isEmpty();
    }

    @Test
    void dead_letters_are_in_a_topic_as_they_came_and_can_be_replayed() throws Exception {
        CdcPipeline pipeline = startAndAwaitFlush(true);
        cache.refuse("user:1"::equals, new IllegalArgumentException("bad key"));
        change(1);
        producer.send(new ProducerRecord<>(topic, 0, new byte[] {1}, new byte[] {0, 1, 2}))
                .get(20, TimeUnit.SECONDS);
        await().atMost(Duration.ofSeconds(20)).until(() -> pipeline.status().deadLettered() == 2);
        await().atMost(Duration.ofSeconds(20)).until(() -> committed(0) == 1 && committed(1) == 1);
        fill();

        cache.refuse(name -> false, new IllegalStateException());
        DeadLetters.Replayed replayed = pipeline.replay();
        DeadLetters.Replayed again = pipeline.replay();

        assertThat(replayed).isEqualTo(new DeadLetters.Replayed(1, 1));
        assertThat(again).isEqualTo(new DeadLetters.Replayed(0, 1));
        assertThat(cache.get("user:1")).isNull();
    }

    @Test
    void settings_are_checked_all_at_once() {
        assertThatThrownBy(
                        () -> KafkaSource.builder().topicPattern("[").assigned().build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "bootstrapServers are missing",
                        "group is missing",
                        "topicPattern '['",
                        "assigned needs topics");
        assertThatThrownBy(() -> KafkaSource.builder().property("auto.offset.reset", "earliest"))
                .hasMessageContaining("decided by the source");
    }
}
