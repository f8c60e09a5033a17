package io.forebay.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.JournalForceException;
import io.forebay.Table;
import io.forebay.spi.Driver;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.TransientSinkException;
import io.forebay.testservers.KafkaServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.TopicPartition;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Brokers that die, hang and come back, and processes that come and go: every write counts once. */
@Timeout(120)
@Tag("slow")
class KafkaOutageTest {
    private static KafkaServer server;

    private final String prefix = "outage-" + UUID.randomUUID() + ".";
    private final Pages pages = new Pages();

    @BeforeAll
    static void startServer() {
        server = KafkaServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @AfterEach
    void closePages() {
        server.resume();
        pages.close();
    }

    private KafkaDriver driver() {
        return Drivers.quick(server).withPrefix(prefix);
    }

    /** Gives up after a second. */
    private KafkaDriver impatient() {
        return driver().with("delivery.timeout.ms", 1_000).with("request.timeout.ms", 900);
    }

    private static SharedJournal open(KafkaDriver driver) {
        return driver.open(new Driver.Settings("pages", 2, FlushPolicy.DEFAULT));
    }

    private static long layers(SharedJournal journal) {
        return journal.tail(0, Pages.key(1), 0).overlay().slices().size();
    }

    /** The request that the broker had received before it hung is carried out when it goes on, and then comes the retry. */
    @Test
    void a_window_whose_answer_came_too_late_is_in_once() {
        try (SharedJournal journal = open(impatient());
                SharedJournal other = open(driver())) {
            journal.append(0, 1, Pages.window(1, 1)).join();
            server.pause();
            assertThatThrownBy(() -> journal.append(0, 2, Pages.window(1, 1)).join())
                    .hasCauseInstanceOf(TransientSinkException.class);
            server.resume();

            long sequence = Awaitility.await()
                    .ignoreExceptions()
                    .until(() -> journal.append(0, 2, Pages.window(1, 1)).join(), found -> true);

            assertThat(sequence).isEqualTo(2);
            assertThat(layers(other)).isEqualTo(2);
        }
    }

    /** What others flush and delete while a writer is cut off may have been its own: "unknown" is said, nothing is guessed. */
    @Test
    void a_window_whose_place_was_deleted_meanwhile_is_neither_taken_for_in_nor_sent_again() {
        try (SharedJournal journal = open(impatient());
                SharedJournal other = open(driver());
                Admin admin = server.admin()) {
            journal.append(0, 1, Pages.window(1, 1)).join();
            server.pause();
            assertThatThrownBy(() -> journal.append(0, 2, Pages.window(1, 1)).join());
            server.resume();
            for (int i = 1; i <= 3; i++) other.append(0, i, Pages.window(2, 1)).join();
            new Cluster(admin)
                    .delete(Map.of(
                            new TopicPartition(prefix + "pages", 0),
                            other.range(0).newest()));

            assertThatThrownBy(() -> journal.append(0, 2, Pages.window(1, 1)).join())
                    .hasCauseInstanceOf(JournalForceException.class)
                    .hasMessageContaining("will never be known");
            assertThat(layers(other)).isZero();
            assertThat(journal.append(0, 3, Pages.window(1, 1)).join()).isPositive();
        }
    }

    @Test
    void a_window_that_was_never_in_is_in_once_after_a_kill() {
        try (SharedJournal journal = open(impatient());
                SharedJournal other = open(driver())) {
            journal.append(0, 1, Pages.window(1, 1)).join();
            server.kill();
            assertThatThrownBy(() -> journal.append(0, 2, Pages.window(1, 1)).join())
                    .hasCauseInstanceOf(TransientSinkException.class);
            server.start();

            Awaitility.await()
                    .atMost(Duration.ofSeconds(40))
                    .ignoreExceptions()
                    .until(() -> journal.append(0, 2, Pages.window(1, 1)).join(), found -> true);

            assertThat(layers(other)).isEqualTo(2);
        }
    }

    /** Nobody was told that the window of the closed process is in, so it may count or not; but not twice. */
    @Test
    void a_request_of_a_writer_that_is_gone_changes_nothing_that_others_were_told() {
        SharedJournal gone = open(driver());
        try (SharedJournal other = open(driver())) {
            gone.append(0, 1, Pages.window(1, 1)).join();
            other.append(0, 1, Pages.window(1, 1)).join();
            server.pause();
            CompletableFuture<Long> late = gone.append(0, 2, Pages.window(1, 1));
            gone.close();
            assertThat(late).isCompletedExceptionally();
            server.resume();

            other.append(0, 2, Pages.window(1, 1)).join();

            assertThat(layers(other)).isBetween(3L, 4L);
            assertThat(other.range(0).newest()).isEqualTo(layers(other));
        }
    }

    @Test
    void a_broker_that_is_killed_and_paused_while_two_processes_write_and_flush_loses_and_doubles_nothing()
            throws InterruptedException {
        Forebay one = pages.open(impatient());
        Forebay two = pages.open(impatient());
        AtomicBoolean end = new AtomicBoolean();
        AtomicLong written = new AtomicLong();
        List<Thread> writers = new ArrayList<>();
        for (Forebay each : List.of(one, two)) writers.add(new Thread(() -> count(Pages.of(each), written, end)));
        writers.forEach(Thread::start);

        for (int i = 0; i < 3; i++) {
            awaitMore(written);
            server.restart();
            awaitMore(written);
            pause(Duration.ofMillis(1_500));
        }
        end.set(true);
        for (Thread writer : writers) writer.join();
        one.flushAndWait();
        two.flushAndWait();

        assertThat(pages.sum()).isEqualTo(written.get());
        assertThat(pages.sink.deadLetters()).isEmpty();
    }

    private static void count(Table table, AtomicLong written, AtomicBoolean end) {
        for (int i = 0; !end.get(); i++) {
            var ack = table.row(i % 50).increment("hits");
            written.incrementAndGet();
            if (i % 20 == 0) ack.await();
        }
    }

    private static void awaitMore(AtomicLong written) {
        long before = written.get();
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> written.get() > before + 2_000);
    }

    private static void pause(Duration length) {
        server.pause();
        long begun = System.nanoTime();
        Awaitility.await().until(() -> System.nanoTime() - begun > length.toNanos());
        server.resume();
    }

    @Test
    void partitions_that_change_hands_in_mid_batch_lose_and_double_nothing() throws InterruptedException {
        Forebay one = pages.open(driver());
        Forebay two = pages.open(driver());
        AtomicBoolean end = new AtomicBoolean();
        AtomicLong written = new AtomicLong();
        List<Thread> writers = new ArrayList<>();
        for (Forebay each : List.of(one, two)) writers.add(new Thread(() -> count(Pages.of(each), written, end)));
        writers.forEach(Thread::start);

        for (int i = 0; i < 8; i++) {
            Forebay third = pages.open(driver());
            Pages.of(third).row(i).increment("hits").awaitFlushed();
            written.incrementAndGet();
            awaitMore(written);
            third.close(Duration.ofSeconds(5));
        }
        end.set(true);
        for (Thread writer : writers) writer.join();
        one.flushAndWait();
        two.flushAndWait();

        assertThat(pages.sum()).isEqualTo(written.get());
    }
}
