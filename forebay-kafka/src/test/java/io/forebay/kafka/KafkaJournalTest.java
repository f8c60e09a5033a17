package io.forebay.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.Ack;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.ForebayException;
import io.forebay.HaltedException;
import io.forebay.JournalWriteException;
import io.forebay.Table;
import io.forebay.kafka.KafkaDriver.Reads;
import io.forebay.kafka.KafkaDriver.WhenAway;
import io.forebay.spi.Driver;
import io.forebay.spi.FedWindow;
import io.forebay.spi.MismatchException;
import io.forebay.spi.Overlay;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.SharedFeed;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.SharedJournal.Range;
import io.forebay.spi.SharedJournal.Tail;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.TransientSinkException;
import io.forebay.testservers.KafkaServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The rules K1 to K6 of the protocol, on a real broker. */
@Timeout(60)
class KafkaJournalTest {
    private static KafkaServer server;
    private static Admin admin;

    private final String prefix = "journal-" + UUID.randomUUID() + ".";
    private final String topic = prefix + "pages";
    private final Pages pages = new Pages();

    @BeforeAll
    static void startServer() {
        server = KafkaServer.create();
        admin = server.admin();
    }

    @AfterAll
    static void endServer() {
        admin.close();
        server.close();
    }

    @AfterEach
    void closePages() {
        pages.close();
    }

    private KafkaDriver driver() {
        return Drivers.quick(server).withPrefix(prefix).withKeepApplied(Duration.ZERO);
    }

    private SharedJournal open(KafkaDriver driver) {
        return driver.open(new Driver.Settings("pages", 2, FlushPolicy.DEFAULT));
    }

    private void createTopic(Map<String, String> settings) {
        KafkaErrors.await(admin.createTopics(List.of(new NewTopic(topic, 2, (short) 1).configs(settings)))
                .all());
    }

    /** K1. */
    @Test
    void a_new_topic_keeps_records_until_they_are_deleted() {
        open(driver()).close();

        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        var settings = KafkaErrors.await(
                        admin.describeConfigs(List.of(resource)).all())
                .get(resource);
        assertThat(settings.get("cleanup.policy").value()).isEqualTo("delete");
        assertThat(settings.get("retention.ms").value()).isEqualTo("-1");
        assertThat(settings.get("retention.bytes").value()).isEqualTo("-1");
        assertThat(settings.get("unclean.leader.election.enable").value()).isEqualTo("false");
    }

    /** K1. */
    @Test
    void a_topic_that_could_lose_writes_is_refused() {
        createTopic(Map.of("cleanup.policy", "compact", "retention.ms", "691200000"));

        assertThatThrownBy(() -> open(driver()))
                .isInstanceOf(MismatchException.class)
                .hasMessageContaining(topic)
                .hasMessageContaining("cleanup.policy is compact and must be delete")
                .hasMessageContaining("retention.ms is 691200000 and must be -1");
    }

    /** K1. */
    @Test
    void what_the_database_holds_is_deleted_and_nothing_else() {
        Forebay forebay = pages.open(driver());
        for (long id = 0; id < 20; id++)
            Pages.of(forebay).row(id).increment("hits").awaitFlushed();
        SharedJournal journal = driver().open(new Driver.Settings("pages", 4, FlushPolicy.DEFAULT));

        Awaitility.await().untilAsserted(() -> {
            for (int i = 0; i < 4; i++)
                assertThat(journal.range(i).released())
                        .isEqualTo(pages.sink.watermarks(journal.id()).get(i).sequence())
                        .isPositive();
        });
        journal.close();
    }

    /** K2. */
    @Test
    void the_watermark_is_the_next_offset_and_begins_at_zero() {
        try (SharedJournal journal = open(driver())) {
            assertThat(journal.range(0)).isEqualTo(new Range(0, 0));

            assertThat(journal.append(0, 1, Pages.window(1, 1)).join()).isEqualTo(1);
            assertThat(journal.append(0, 2, Pages.window(1, 1)).join()).isEqualTo(2);

            assertThat(journal.range(0)).isEqualTo(new Range(0, 2));
            assertThat(journal.range(1)).isEqualTo(new Range(0, 0));
        }
    }

    /** K3. */
    @Test
    void another_number_of_partitions_is_refused() {
        createTopic(TopicRules.WRITES);

        assertThatThrownBy(() -> driver().open(new Driver.Settings("pages", 9, FlushPolicy.DEFAULT)))
                .isInstanceOf(MismatchException.class)
                .hasMessageContaining("2 partitions")
                .hasMessageContaining("9");
    }

    /** K4. */
    @Test
    void a_topic_that_was_made_again_is_another_journal() {
        UUID first;
        UUID second;
        try (SharedJournal journal = open(driver());
                SharedJournal same = open(driver())) {
            first = journal.id();
            second = same.id();
        }
        KafkaErrors.await(admin.deleteTopics(List.of(topic)).all());

        UUID later = Awaitility.await().ignoreExceptions().until(() -> idNow(), id -> true);

        assertThat(second).isEqualTo(first);
        assertThat(later).isNotEqualTo(first);
    }

    private UUID idNow() {
        try (SharedJournal journal = open(driver())) {
            return journal.id();
        }
    }

    /** K4. */
    @Test
    void a_replicated_topic_needs_two_replicas_in_sync() {
        Map<String, String> one = new HashMap<>(TopicRules.WRITES);
        one.put("min.insync.replicas", "1");
        Map<String, String> two = new HashMap<>(TopicRules.WRITES);
        two.put("min.insync.replicas", "2");

        assertThat(TopicRules.problems(TopicRules.WRITES, one, 3))
                .containsExactly("min.insync.replicas is 1 and must be at least 2, as there are 3 replicas");
        assertThat(TopicRules.problems(TopicRules.WRITES, two, 3)).isEmpty();
        assertThat(TopicRules.problems(TopicRules.WRITES, one, 1)).isEmpty();
    }

    /** K5. */
    @Test
    void reads_see_every_record_by_itself_and_every_acknowledged_one() {
        try (SharedJournal writer = open(driver());
                SharedJournal other = open(driver())) {
            for (int i = 1; i <= 30; i++) {
                writer.append(0, i, Pages.window(1, i)).join();

                assertThat(other.tail(0, Pages.key(1), 0).overlay().slices()).hasSize(i);
            }
            Tail tail = writer.tail(0, Pages.key(1), 30);
            assertThat(tail.seen()).isEqualTo(30);
            assertThat(tail.upTo()).isEqualTo(30);
            assertThat(tail.overlay().slices())
                    .allMatch(slice -> slice.to() == slice.from() + 1)
                    .extracting(Overlay.Slice::to)
                    .startsWith(1L, 2L, 3L);
        }
    }

    /** K5. */
    @Test
    void reads_of_what_has_arrived_include_the_own_writes() {
        try (SharedJournal journal = open(driver().withReads(Reads.ARRIVED))) {
            for (int i = 1; i <= 30; i++) {
                journal.append(0, i, Pages.window(1, i)).join();

                assertThat(journal.tail(0, Pages.key(1), i).seen()).isEqualTo(i);
            }
        }
    }

    /** K6. */
    @Test
    void the_backlog_is_what_the_database_does_not_hold() {
        Forebay forebay = pages.open(driver());
        SharedJournal journal = driver().open(new Driver.Settings("pages", 4, FlushPolicy.DEFAULT));
        Table table = Pages.of(forebay);
        pages.sink.away(true);
        for (long id = 0; id < 40; id++) table.row(id).increment("hits").await();

        Awaitility.await().until(() -> journal.backlogBytes() >= 4_000);
        pages.sink.away(false);
        forebay.flushAndWait();
        table.row(1).increment("hits").awaitFlushed();

        Awaitility.await().until(() -> journal.backlogBytes() < 4_000);
        journal.close();
    }

    @Test
    void a_window_that_is_too_large_is_refused_and_the_next_one_goes_on() {
        try (SharedJournal journal = open(driver().with("max.request.size", 500))) {
            String text = "x".repeat(1_000);
            var tooLarge = new SharedWindow(List.of(), List.of(new PendingAppend("log", Map.of("text", text))));
            assertThatThrownBy(() -> journal.append(0, 1, tooLarge).join())
                    .hasCauseInstanceOf(TransientSinkException.class);

            assertThatThrownBy(() -> journal.append(0, 1, tooLarge).join())
                    .hasCauseInstanceOf(JournalWriteException.class)
                    .hasMessageContaining("500");

            assertThat(journal.append(0, 2, Pages.window(1, 1)).join()).isEqualTo(2); // behind the barrier
        }
    }

    @Test
    void records_of_others_are_passed_over() {
        Forebay forebay = pages.open(driver());
        Pages.of(forebay).row(1).increment("hits").await();
        Map<String, Object> settings = Map.of("bootstrap.servers", server.bootstrapServers());
        try (var stranger = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int i = 0; i < 4; i++)
                KafkaErrors.await(stranger.send(new ProducerRecord<>(topic, i, null, new byte[] {1})));
        }

        Pages.of(forebay).row(1).increment("hits").await();
        forebay.flushAndWait();

        assertThat(pages.sum()).isEqualTo(2);
        assertThat(Pages.of(forebay).row(1).getLong("hits")).isEqualTo(2);
    }

    private void sendOfUnknownVersion(int partition) {
        Map<String, Object> settings = Map.of("bootstrap.servers", server.bootstrapServers());
        try (var stranger = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            var record = new ProducerRecord<byte[], byte[]>(topic, partition, null, new byte[] {1});
            record.headers().add(Entry.HEADER, new byte[] {9});
            KafkaErrors.await(stranger.send(record));
        }
    }

    /** What comes behind it is not taken without it, and what other partitions got in the same answer is not lost. */
    @Test
    void a_window_of_an_unknown_version_stops_the_flush_of_its_partition_alone() {
        try (SharedJournal journal = open(driver())) {
            journal.append(0, 1, Pages.window(1, 1)).join();
            sendOfUnknownVersion(0);
            journal.append(0, 2, Pages.window(1, 1)).join();
            journal.append(1, 1, Pages.window(2, 1)).join();
            journal.append(1, 2, Pages.window(2, 1)).join();
            SharedFeed feed = journal.feed();
            Awaitility.await().until(() -> {
                feed.poll(Set.of(), Duration.ofMillis(10));
                return feed.assigned().size() == 2;
            });
            for (int partition : List.of(0, 1)) feed.begin(partition, 0);
            Map<Integer, Long> reached = new HashMap<>();
            Map<Integer, ForebayException> unreadable = new HashMap<>();

            Awaitility.await().until(() -> {
                for (FedWindow piece : feed.poll(Set.of(0, 1), Duration.ofMillis(10)))
                    reached.put(piece.partition(), piece.to());
                unreadable.putAll(feed.unreadable());
                return unreadable.containsKey(0) && reached.getOrDefault(1, 0L) == 2;
            });
            for (int i = 0; i < 20; i++)
                assertThat(feed.poll(Set.of(0, 1), Duration.ofMillis(10))).isEmpty();

            assertThat(reached).containsExactlyInAnyOrderEntriesOf(Map.of(0, 1L, 1, 2L));
            assertThat(unreadable).containsOnlyKeys(0);
            assertThat(unreadable.get(0)).hasMessageContaining("offset 1 of " + topic + "-0");
            assertThat(feed.unreadable()).isEmpty();
            feed.close();
        }
    }

    /** It is said in words, and to the listener; nothing behind it reaches the database. */
    @Test
    void a_damaged_window_halts_its_partition_in_the_engine() {
        Forebay forebay = pages.open(driver());
        Pages.of(forebay).row(1).increment("hits").awaitFlushed();
        for (int partition = 0; partition < 4; partition++) sendOfUnknownVersion(partition);

        Awaitility.await().until(() -> forebay.stats().haltedPartitions() == 4);
        Ack behind = Pages.of(forebay).row(1).increment("hits");

        assertThatThrownBy(behind::awaitFlushed)
                .isInstanceOf(HaltedException.class)
                .hasMessageContaining("was written by a newer version of Forebay, or is damaged");
        assertThat(pages.sum()).isEqualTo(1);
    }

    @Test
    void a_window_of_an_unknown_version_stops_a_read() {
        try (SharedJournal journal = open(driver())) {
            sendOfUnknownVersion(0);
            Awaitility.await()
                    .untilAsserted(() -> assertThatThrownBy(() -> journal.tail(0, Pages.key(1), 0))
                            .isInstanceOf(MismatchException.class)
                            .hasMessageContaining("offset 0 of " + topic + "-0"));
        }
    }

    @Test
    void wrong_options_are_refused_by_name() {
        assertThatThrownBy(() -> driver().with("acks", "1")).hasMessageContaining("acks is decided by the driver");
        assertThatThrownBy(() -> driver().with("delivery.timeout.ms", 7_200_000))
                .hasMessageContaining("delivery.timeout.ms")
                .hasMessageContaining("3600000");
        assertThatThrownBy(() -> driver().withPrefix("a/")).hasMessageContaining("prefix");
        assertThatThrownBy(() -> driver().withReplication(0)).hasMessageContaining("replication");
    }

    @Test
    void writes_fail_at_once_while_Kafka_is_away_if_that_is_asked_for() {
        try (KafkaServer passing = KafkaServer.create();
                SharedJournal journal = open(Drivers.quick(passing)
                        .withWhenAway(WhenAway.FAIL)
                        .with("default.api.timeout.ms", 1_000)
                        .with("request.timeout.ms", 1_000))) {
            journal.requireWritable();

            passing.kill();

            Awaitility.await()
                    .untilAsserted(() -> assertThatThrownBy(journal::requireWritable)
                            .isInstanceOf(JournalWriteException.class)
                            .hasMessageContaining("is away"));
        }
    }

    /** Kafka's consumers try for ten seconds to note where they are, and for thirty to take their leave. */
    @Test
    void a_close_does_not_wait_for_a_Kafka_that_is_away() {
        try (KafkaServer passing = KafkaServer.create()) {
            Forebay forebay = pages.open(Drivers.quick(passing));
            Pages.of(forebay).row(1).increment("hits").await();
            assertThat(Pages.of(forebay).row(1).getLong("hits")).isEqualTo(1);
            forebay.flushAndWait();
            passing.kill();

            long start = System.nanoTime();
            forebay.close(Duration.ofSeconds(1));

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
        }
    }
}
