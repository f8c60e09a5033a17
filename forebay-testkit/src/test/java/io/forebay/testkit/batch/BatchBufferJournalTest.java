package io.forebay.testkit.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.Ack;
import io.forebay.JournalException;
import io.forebay.JournalPolicy;
import io.forebay.batch.BatchBuffer;
import io.forebay.batch.BatchHandler;
import io.forebay.batch.EventBatch;
import io.forebay.batch.EventCodec;
import io.forebay.testkit.SimulatedDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A buffer with a journal: what was acknowledged is handed over, whatever happens to the process. */
@Timeout(60)
class BatchBufferJournalTest {
    private static final Duration NEVER = Duration.ofHours(1);
    private static final JournalPolicy SMALL = new JournalPolicy(64 << 10, Duration.ZERO, 1 << 20, 8 << 20);

    private final List<EventBatch<String>> handled = new CopyOnWriteArrayList<>();
    private final List<BatchBuffer<?, ?>> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(buffer -> buffer.close(Duration.ZERO));
    }

    private Integer record(EventBatch<String> batch) {
        handled.add(batch);
        return batch.events().size();
    }

    private BatchBuffer.Builder<String, Integer> builder(SimulatedDisk disk, BatchHandler<String, Integer> handler) {
        return BatchBuffer.builder("events", handler)
                .journal(() -> disk, new TextCodec())
                .journalPolicy(SMALL)
                .maxSize(10)
                .flushInterval(NEVER, Duration.ZERO)
                .retry(Duration.ofMillis(1), Duration.ofMillis(5));
    }

    private BatchBuffer<String, Integer> open(BatchBuffer.Builder<String, Integer> builder) {
        BatchBuffer<String, Integer> buffer = builder.build();
        opened.add(buffer);
        return buffer;
    }

    private List<String> events() {
        return handled.stream().flatMap(batch -> batch.events().stream()).toList();
    }

    private static List<String> named(int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> "event " + i).toList();
    }

    @Test
    void what_was_not_handed_over_is_handed_over_by_the_next_process() {
        SimulatedDisk disk = new SimulatedDisk(1);
        open(builder(disk, this::record)).addAll(named(0, 7)).await();

        BatchBuffer<String, Integer> next = open(builder(disk.crash(), this::record));

        assertThat(next.snapshot()).isEqualTo(named(0, 7));
        assertThat(next.size()).isEqualTo(7);
        next.addAll(named(7, 9)).awaitFlushed();
        assertThat(events()).isEqualTo(named(0, 9));
    }

    @Test
    void what_is_acknowledged_survives_a_power_failure() {
        SimulatedDisk disk = new SimulatedDisk(2);
        BatchBuffer<String, Integer> buffer = open(builder(disk, this::record));
        for (int i = 0; i < 9; i++) buffer.add("event " + i).await();

        open(builder(disk.powerCut(), this::record)).flushAndWait();

        assertThat(events()).isEqualTo(named(0, 9));
    }

    @Test
    void what_was_handed_over_is_not_handed_over_again_after_a_close() {
        SimulatedDisk disk = new SimulatedDisk(3);
        BatchBuffer<String, Integer> buffer = open(builder(disk, this::record));
        buffer.addAll(named(0, 35));
        assertThat(buffer.close(Duration.ofSeconds(20))).isZero();

        BatchBuffer<String, Integer> next = open(builder(disk.crash(), this::record));

        assertThat(next.size()).isZero();
        next.addAll(named(35, 36)).awaitFlushed();
        assertThat(events()).isEqualTo(named(0, 36));
    }

    @Test
    void what_was_handed_over_is_soon_known_to_the_journal_without_a_close() {
        SimulatedDisk disk = new SimulatedDisk(4);
        CountDownLatch known = new CountDownLatch(1);
        BatchBuffer<String, Integer> buffer =
                open(builder(disk, this::record).listener(new io.forebay.batch.BatchListener() {
                    @Override
                    public void forced(String name, int windows, Duration took) {
                        if (windows == 0) known.countDown(); // a frame of nothing but what was handed over
                    }
                }));
        buffer.addAll(named(0, 5)).awaitFlushed();
        await().until(() -> known.getCount() == 0);

        assertThat(open(builder(disk.crash(), this::record)).size()).isZero();
    }

    /** The handler did it, but its process died before anybody could know. */
    @Test
    void a_batch_whose_process_died_is_handed_over_again_as_it_was_with_its_id() {
        SimulatedDisk disk = new SimulatedDisk(5);
        List<SimulatedDisk> found = new CopyOnWriteArrayList<>();
        BatchBuffer<String, Integer> buffer = open(builder(disk, batch -> {
            found.add(disk.crash());
            return record(batch);
        }));
        buffer.addAll(named(0, 3)).await();
        buffer.flush();
        await().until(() -> handled.size() == 1);
        assertThatThrownBy(() -> buffer.addAll(named(3, 6)).await()).isInstanceOf(JournalException.class);

        BatchBuffer<String, Integer> next = open(builder(found.get(0), this::record));
        next.addAll(named(3, 6)).awaitFlushed();

        assertThat(handled).hasSize(3);
        assertThat(handled.get(1)).isEqualTo(handled.get(0));
        assertThat(handled.get(2).events()).isEqualTo(named(3, 6));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void after_any_history_of_kills_each_event_was_handed_over_once_but_for_repeats_of_whole_batches(long seed) {
        Random random = new Random(seed);
        SimulatedDisk disk = new SimulatedDisk(seed);
        int added = 0;
        for (int life = 0; life < 8; life++) {
            BatchBuffer<String, Integer> buffer = open(builder(disk, batch -> {
                        if (random.nextInt(4) == 0) throw new IllegalStateException("not now");
                        record(batch);
                        if (random.nextInt(4) == 0) throw new IllegalStateException("done, and then failed");
                        return 0;
                    })
                    .partitions(4)
                    .partitionBy(event -> Integer.parseInt(event.substring(6)) % 5)
                    .flushInterval(Duration.ofMillis(3), Duration.ofMillis(2)));
            Ack last = null;
            for (int i = 40 + random.nextInt(200); i > 0; i--) last = buffer.add("event " + added++);
            last.await();
            if (random.nextBoolean()) await().until(() -> buffer.size() < 20);
            disk = random.nextBoolean() ? disk.crash() : disk.powerCut();
            buffer.close(Duration.ZERO);
        }
        BatchBuffer<String, Integer> last = open(builder(disk, this::record)
                .partitions(4)
                .partitionBy(event -> Integer.parseInt(event.substring(6)) % 5));
        last.flushAndWait();

        Map<UUID, EventBatch<String>> first = new HashMap<>();
        List<String> once = new ArrayList<>();
        for (EventBatch<String> batch : handled) {
            EventBatch<String> before = first.putIfAbsent(batch.id(), batch);
            if (before != null) assertThat(batch).as("seed %d", seed).isEqualTo(before);
            else once.addAll(batch.events());
        }
        assertThat(once).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(named(0, added));
        for (int key = 0; key < 5; key++) {
            int mine = key;
            assertThat(once.stream()
                            .map(event -> Integer.parseInt(event.substring(6)))
                            .filter(i -> i % 5 == mine))
                    .as("seed %d, key %d", seed, key)
                    .isSorted();
        }
    }

    static List<Long> seeds() {
        long count = Long.getLong("forebay.histories", 25);
        return IntStream.range(0, (int) count).mapToObj(i -> 7_000L + i).toList();
    }

    @Test
    void an_event_that_cannot_be_written_is_refused_and_one_that_cannot_be_read_is_tried_again() {
        List<String> unreadable = new CopyOnWriteArrayList<>(List.of("cursed"));
        EventCodec<String> codec = new EventCodec<>() {
            @Override
            public byte[] write(String event) {
                if (event.isEmpty()) throw new IllegalArgumentException("an empty event");
                return event.getBytes();
            }

            @Override
            public String read(byte[] bytes) {
                String event = new String(bytes);
                if (unreadable.contains(event)) throw new IllegalStateException("cannot read " + event);
                return event;
            }
        };
        BatchBuffer<String, Integer> buffer =
                open(builder(new SimulatedDisk(6), this::record).journal(() -> new SimulatedDisk(6), codec));

        assertThatThrownBy(() -> buffer.addAll(List.of("fine", ""))).hasMessage("an empty event");
        assertThat(buffer.size()).isZero();
        buffer.add("cursed");
        buffer.flush();
        await().until(() -> buffer.info().stats().retries() > 2);
        unreadable.clear();
        buffer.flushAndWait();

        assertThat(events()).containsExactly("cursed");
    }

    @Test
    void a_full_disk_refuses_events_and_goes_on_when_there_is_space() {
        SimulatedDisk disk = new SimulatedDisk(8);
        BatchBuffer<String, Integer> buffer = open(builder(disk, this::record));
        buffer.add("before").await();
        disk.failNextWrite(0);
        disk.limitTo(0);

        assertThatThrownBy(() -> buffer.add("refused").await()).isInstanceOf(JournalException.class);
        disk.limitTo(Long.MAX_VALUE);
        buffer.add("after").awaitFlushed();

        assertThat(events()).containsExactly("before", "after");
    }

    @Test
    void the_journal_is_in_a_directory_of_the_buffers_name(@TempDir Path directory) {
        BatchBuffer<String, Integer> buffer = open(
                BatchBuffer.builder("mails", this::record).journal(directory.resolve("journals"), new TextCodec()));
        buffer.add("one").await();

        assertThat(directory.resolve("journals/mails")).isDirectoryContaining(Files::isRegularFile);
        assertThatThrownBy(() -> BatchBuffer.builder("mails", this::record)
                        .journal(directory.resolve("journals"), new TextCodec())
                        .build())
                .hasMessageContaining("mails");
    }
}
