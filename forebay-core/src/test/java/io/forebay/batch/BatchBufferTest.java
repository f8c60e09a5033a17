package io.forebay.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.BufferFullException;
import io.forebay.BufferPolicy;
import io.forebay.Durability;
import io.forebay.ForebayClosedException;
import io.forebay.FullPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A buffer without a journal, and handlers of every kind. */
@Timeout(60)
class BatchBufferTest {
    private static final Duration NEVER = Duration.ofHours(1);

    private final List<EventBatch<Integer>> handled = new CopyOnWriteArrayList<>();
    private final List<BatchBuffer<?, ?>> opened = new ArrayList<>();
    private final CountDownLatch end = new CountDownLatch(1);

    @AfterEach
    void close() {
        end.countDown();
        opened.forEach(buffer -> buffer.close(Duration.ZERO));
    }

    private Integer record(EventBatch<Integer> batch) {
        handled.add(batch);
        return batch.events().size();
    }

    /** Flushes when it is asked to, or full. */
    private BatchBuffer<Integer, Integer> open(
            BatchHandler<Integer, Integer> handler, UnaryOperator<BatchBuffer.Builder<Integer, Integer>> settings) {
        BatchBuffer.Builder<Integer, Integer> builder = BatchBuffer.builder("events", handler)
                .flushInterval(NEVER, Duration.ZERO)
                .retry(Duration.ofMillis(1), Duration.ofMillis(5));
        BatchBuffer<Integer, Integer> buffer = settings.apply(builder).build();
        opened.add(buffer);
        return buffer;
    }

    private BatchBuffer<Integer, Integer> open() {
        return open(this::record, builder -> builder);
    }

    private List<Integer> events() {
        return handled.stream().flatMap(batch -> batch.events().stream()).toList();
    }

    private static List<Integer> upTo(int count) {
        return IntStream.range(0, count).boxed().toList();
    }

    // ---- the way of an event

    @Test
    void events_are_handed_over_in_their_order_and_no_batch_is_too_large() {
        BatchBuffer<Integer, Integer> buffer = open(this::record, builder -> builder.maxSize(100));

        for (int i = 0; i < 1_234; i++) buffer.add(i);
        List<Integer> results = buffer.flushAndWait();

        assertThat(events()).isEqualTo(upTo(1_234));
        assertThat(handled).allSatisfy(batch -> assertThat(batch.events()).hasSizeLessThanOrEqualTo(100));
        assertThat(results.stream().mapToInt(Integer::intValue).sum()).isLessThanOrEqualTo(1_234);
        assertThat(buffer.size()).isZero();
    }

    @Test
    void many_events_at_once_are_divided_into_batches() {
        BatchBuffer<Integer, Integer> buffer = open(this::record, builder -> builder.maxSize(100));

        buffer.add(0);
        buffer.addAll(IntStream.range(1, 1_050).boxed().toList()).awaitFlushed();

        assertThat(events()).isEqualTo(upTo(1_050));
        assertThat(handled).allSatisfy(batch -> assertThat(batch.events()).hasSizeLessThanOrEqualTo(100));
    }

    @Test
    void a_batch_with_events_in_it_takes_no_more_than_it_has_room_for() {
        CountDownLatch laid = new CountDownLatch(1);
        BatchListener listener = new BatchListener() {
            @Override
            public void forced(String buffer, int windows, Duration took) {
                laid.countDown();
            }
        };
        BatchBuffer<Integer, Integer> buffer =
                open(this::record, builder -> builder.maxSize(100).listener(listener));

        buffer.addAll(upTo(60));
        awaitQuietly(laid);
        buffer.addAll(IntStream.range(60, 140).boxed().toList()).awaitFlushed();

        assertThat(handled).extracting(batch -> batch.events().size()).containsExactly(60, 80);
        assertThat(events()).isEqualTo(upTo(140));
    }

    @Test
    void the_defaults_are_those_that_are_documented() {
        List<Integer> sizes = new CopyOnWriteArrayList<>();
        BatchBuffer<Integer, Integer> buffer = BatchBuffer.<Integer, Integer>builder("defaults", batch -> {
                    sizes.add(batch.events().size());
                    return 0;
                })
                .build();
        opened.add(buffer);

        buffer.addAll(upTo(10_500)).awaitFlushed();

        assertThat(sizes).containsExactly(5_000, 5_000, 500);
        assertThat(buffer.info().partitions()).hasSize(1);
    }

    @Test
    void a_full_batch_is_handed_over_at_once_and_the_rest_waits() {
        BatchBuffer<Integer, Integer> buffer = open(this::record, builder -> builder.maxSize(10));

        for (int i = 0; i < 10; i++) buffer.add(i);
        await().until(() -> events().size() == 10);
        buffer.add(10);

        assertThat(buffer.snapshot()).containsExactly(10);
        assertThat(events()).isEqualTo(upTo(10));
    }

    @Test
    void a_batch_that_is_old_enough_is_handed_over() {
        BatchBuffer<Integer, Integer> buffer =
                open(this::record, builder -> builder.flushInterval(Duration.ofMillis(30), Duration.ofMillis(10)));

        buffer.add(7);

        await().untilAsserted(() -> assertThat(events()).containsExactly(7));
    }

    @Test
    void the_jitter_of_the_size_lowers_each_partitions_limit() {
        BatchBuffer<Integer, Integer> buffer =
                open(this::record, builder -> builder.partitions(64).maxSize(100, 99));

        for (int i = 0; i < 64 * 100; i++) buffer.add(i);
        buffer.flushAndWait();

        assertThat(handled).allSatisfy(batch -> assertThat(batch.events()).hasSizeLessThanOrEqualTo(100));
        assertThat(handled.stream()
                        .mapToInt(batch -> batch.events().size())
                        .distinct()
                        .count())
                .as("64 partitions with the same limit of 1 to 100")
                .isGreaterThan(1);
    }

    @Test
    void the_handler_gets_the_metadata_and_its_results_are_returned() {
        BatchBuffer<String, String> buffer = BatchBuffer.<String, String>builder(
                        "words", batch -> batch.meta() + String.join("", batch.events()))
                .flushInterval(NEVER, Duration.ZERO)
                .flushMeta("to:")
                .build();
        opened.add(buffer);

        buffer.addAll(List.of("a", "b", "c"));

        assertThat(buffer.flushAndWait()).containsExactly("to:abc");
        assertThat(buffer.flushAndWait()).isEmpty();
    }

    @Test
    void events_of_one_key_stay_in_order_in_one_partition() {
        BatchBuffer<Integer, Integer> buffer = open(
                this::record, builder -> builder.partitions(8).maxSize(50).partitionBy(event -> "key" + event % 13));

        for (int i = 0; i < 5_000; i++) buffer.add(i);
        buffer.flushAndWait();

        Map<Integer, Integer> partitions = new ConcurrentHashMap<>();
        Map<Integer, Integer> last = new ConcurrentHashMap<>();
        for (EventBatch<Integer> batch : handled) {
            for (int event : batch.events()) {
                assertThat(partitions.computeIfAbsent(event % 13, key -> batch.partition()))
                        .isEqualTo(batch.partition());
                Integer before = last.put(event % 13, event);
                assertThat(before == null ? -1 : before).isLessThan(event);
            }
        }
        assertThat(events()).hasSize(5_000);
        assertThat(new HashSet<>(partitions.values())).hasSizeGreaterThan(1);
    }

    @Test
    void events_go_round_the_partitions() {
        BatchBuffer<Integer, Integer> buffer = open(this::record, builder -> builder.partitions(4));

        for (int i = 0; i < 400; i++) buffer.add(i);

        assertThat(buffer.info().partitions())
                .allSatisfy(partition -> assertThat(partition.size()).isEqualTo(100));
    }

    @Test
    void what_many_threads_add_is_handed_over_once_each() throws InterruptedException {
        BatchBuffer<Integer, Integer> buffer = open(
                this::record,
                builder -> builder.partitions(3).maxSize(64).flushInterval(Duration.ofMillis(2), Duration.ZERO));

        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            int first = t * 5_000;
            threads.add(new Thread(() -> {
                for (int i = 0; i < 5_000; i++) buffer.add(first + i);
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) thread.join();
        buffer.flushAndWait();

        assertThat(events()).containsExactlyInAnyOrderElementsOf(upTo(20_000));
    }

    // ---- looking without touching

    @Test
    void a_snapshot_shows_everything_in_order_and_changes_nothing() {
        CountDownLatch inHandler = new CountDownLatch(1);
        BatchBuffer<Integer, Integer> buffer = open(
                batch -> {
                    inHandler.countDown();
                    end.await();
                    return record(batch);
                },
                builder -> builder.maxSize(10));

        for (int i = 0; i < 25; i++) buffer.add(i);
        awaitQuietly(inHandler);

        assertThat(buffer.snapshot())
                .as("one batch in the handler, one waiting, one open")
                .isEqualTo(upTo(25));
        assertThat(buffer.size()).isEqualTo(25);
        assertThat(buffer.info().partitions()).singleElement().satisfies(partition -> {
            assertThat(partition.size()).isEqualTo(25);
            assertThat(partition.bytes()).isPositive();
            assertThat(partition.oldest()).isPresent();
            assertThat(partition.handling()).isTrue();
        });
        end.countDown();
        buffer.flushAndWait();
        assertThat(events()).isEqualTo(upTo(25));
        assertThat(buffer.info().partitions().get(0).handling()).isFalse();
        assertThat(buffer.info().stats().rowsFlushed()).isEqualTo(25);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        await().until(() -> latch.getCount() == 0);
    }

    @Test
    void inserts_and_flushes_are_told_with_a_start_and_a_stop() {
        List<String> told = new CopyOnWriteArrayList<>();
        AtomicInteger attempts = new AtomicInteger();
        BatchListener listener = new BatchListener() {
            @Override
            public void insertStarted(String buffer, int events) {
                told.add("insert " + buffer + " " + events);
            }

            @Override
            public void insertStopped(String buffer, int events, Duration took, Throwable failure) {
                assertThat(took).isPositive();
                told.add("inserted " + events + " " + failure);
            }

            @Override
            public void flushStarted(String buffer, EventBatch<?> batch) {
                told.add("flush " + buffer + " " + batch.events());
            }

            @Override
            public void flushStopped(String buffer, EventBatch<?> batch, Duration took, Throwable failure) {
                assertThat(took).isPositive();
                told.add("flushed " + batch.events() + " " + (failure == null ? null : failure.getMessage()));
                throw new IllegalStateException("a listener that fails harms nobody");
            }
        };
        BatchBuffer<Integer, Integer> buffer = open(
                batch -> {
                    if (attempts.incrementAndGet() == 1) throw new IllegalStateException("not yet");
                    return 1;
                },
                builder -> builder.listener(listener));

        buffer.addAll(List.of(1, 2));
        buffer.flushAndWait();

        assertThat(told)
                .containsExactly(
                        "insert events 2",
                        "inserted 2 null",
                        "flush events [1, 2]",
                        "flushed [1, 2] not yet",
                        "flush events [1, 2]",
                        "flushed [1, 2] null");
    }

    // ---- handlers that fail

    @Test
    void a_handler_that_throws_gets_the_same_batch_again_and_what_came_later_after_it() {
        List<UUID> ids = new CopyOnWriteArrayList<>();
        BatchBuffer<Integer, Integer> buffer = open(
                batch -> {
                    ids.add(batch.id());
                    if (ids.size() == 1) throw new java.io.IOException("the service is away");
                    if (ids.size() == 2) throw new StackOverflowError("an error is no different");
                    return record(batch);
                },
                builder -> builder.maxSize(3));

        for (int i = 0; i < 6; i++) buffer.add(i);
        buffer.flushAndWait();

        assertThat(events()).isEqualTo(upTo(6));
        assertThat(ids.subList(0, 3)).containsOnly(handled.get(0).id());
        assertThat(handled).extracting(EventBatch::id).doesNotHaveDuplicates();
        assertThat(buffer.info().stats().retries()).isEqualTo(2);
    }

    @Test
    void a_partition_whose_handler_always_fails_does_not_stop_the_others() {
        BatchBuffer<Integer, Integer> buffer = open(
                batch -> {
                    if (batch.events().contains(0)) throw new IllegalStateException("poison");
                    return record(batch);
                },
                builder -> builder.partitions(8)
                        .partitionBy(event -> event)
                        .maxSize(2)
                        .buffer(new BufferPolicy(1 << 20, 64, FullPolicy.REJECT, Duration.ZERO)));

        for (int i = 0; i < 64; i++) buffer.add(i);

        int poisoned = partitionOf(buffer, 0);
        await().until(() -> buffer.info().partitions().stream()
                .allMatch(partition -> partition.number() == poisoned || partition.size() < 2));
        assertThat(buffer.snapshot()).contains(0);
        assertThat(events()).doesNotContain(0).hasSizeGreaterThan(32);
    }

    private static int partitionOf(BatchBuffer<Integer, ?> buffer, int event) {
        return new io.forebay.internal.pending.Router(buffer.info().partitions().size()).partition(event);
    }

    @Test
    void a_handler_that_hangs_is_interrupted_and_gets_its_batch_again() {
        List<Throwable> endings = new CopyOnWriteArrayList<>();
        AtomicInteger calls = new AtomicInteger();
        BatchBuffer<Integer, Integer> buffer = open(
                batch -> {
                    if (calls.incrementAndGet() > 1) return record(batch);
                    try {
                        end.await();
                        return 0;
                    } catch (InterruptedException e) {
                        endings.add(e);
                        throw e;
                    }
                },
                builder -> builder.flushTimeout(Duration.ofMillis(100)));

        buffer.add(1).awaitFlushed();

        assertThat(endings).hasSize(1);
        assertThat(events()).containsExactly(1);
        assertThat(buffer.info().stats().revived()).isEqualTo(1);
    }

    @Test
    void a_handler_that_hangs_for_good_is_left_behind_and_what_it_returns_later_is_not_believed() {
        AtomicReference<Thread> hanging = new AtomicReference<>();
        CountDownLatch hold = new CountDownLatch(1);
        BatchBuffer<Integer, Integer> buffer = open(
                batch -> {
                    if (batch.events().contains(2)) hold.await();
                    if (!hanging.compareAndSet(null, Thread.currentThread())) return record(batch);
                    while (!sleepThroughInterrupts()) Thread.onSpinWait();
                    return -1;
                },
                builder -> builder.flushTimeout(Duration.ofMillis(200)));

        buffer.add(1).awaitFlushed();
        buffer.add(2);
        CompletableFuture<List<Integer>> results = buffer.flush();
        end.countDown();
        await().until(() -> !hanging.get().isAlive());
        hold.countDown();

        assertThat(results.join()).containsExactly(1);
        assertThat(events()).containsExactly(1, 2);
        assertThat(buffer.size()).isZero();
    }

    private boolean sleepThroughInterrupts() {
        try {
            return end.await(1, java.util.concurrent.TimeUnit.HOURS);
        } catch (InterruptedException e) {
            return false;
        }
    }

    @Test
    void as_many_handlers_may_hang_as_there_are_partitions() {
        AtomicInteger hanging = new AtomicInteger();
        BatchBuffer<Integer, Integer> buffer = open(
                batch -> {
                    hanging.incrementAndGet();
                    end.await();
                    return record(batch);
                },
                builder -> builder.partitions(9).maxSize(1));

        for (int i = 0; i < 9; i++) buffer.add(i);

        await().until(() -> hanging.get() == 9);
    }

    // ---- a full buffer

    @Test
    void a_full_partition_makes_callers_wait_and_refuses_them_when_the_time_is_over() {
        BatchBuffer<Integer, Integer> buffer = open(
                batch -> {
                    end.await();
                    return record(batch);
                },
                builder -> builder.maxSize(5)
                        .buffer(new BufferPolicy(1 << 20, 10, FullPolicy.BLOCK, Duration.ofMillis(200))));
        for (int i = 0; i < 10; i++) buffer.add(i);

        long start = System.nanoTime();
        assertThatThrownBy(() -> buffer.add(10))
                .isInstanceOf(BufferFullException.class)
                .hasMessageContaining("events: refused a write after waiting")
                .hasMessageContaining("10 of 10 rows");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        CompletableFuture<Void> waiting =
                CompletableFuture.runAsync(() -> buffer.add(10), task -> new Thread(task).start());
        end.countDown();
        waiting.join();
        buffer.flushAndWait();

        assertThat(events()).isEqualTo(upTo(11));
    }

    @Test
    void of_many_events_at_once_all_are_refused_or_none() {
        BatchBuffer<Integer, Integer> buffer = open(
                batch -> {
                    end.await();
                    return record(batch);
                },
                builder -> builder.maxSize(5).buffer(new BufferPolicy(1 << 20, 10, FullPolicy.REJECT, Duration.ZERO)));
        buffer.addAll(upTo(9));
        buffer.addAll(List.of(9, 10, 11));

        assertThatThrownBy(() -> buffer.addAll(List.of(12, 13))).isInstanceOf(BufferFullException.class);

        assertThat(buffer.snapshot()).isEqualTo(upTo(12));
    }

    @Test
    void events_that_go_round_pass_over_a_full_partition() {
        BatchBuffer<Integer, Integer> buffer = open(
                batch -> {
                    if (batch.partition() == 0) end.await();
                    return record(batch);
                },
                builder -> builder.partitions(2)
                        .maxSize(5)
                        .buffer(new BufferPolicy(1 << 20, 50, FullPolicy.BLOCK, Duration.ofSeconds(20))));

        for (int i = 0; i < 2_000; i++) buffer.add(i);
        await().until(() -> buffer.info().partitions().get(1).size() < 5);

        assertThat(buffer.info().partitions().get(0).size()).isEqualTo(50);
    }

    // ---- the end

    @Test
    void closing_hands_over_everything() {
        BatchBuffer<Integer, Integer> buffer =
                open(this::record, builder -> builder.partitions(3).maxSize(7).partitionBy(event -> event));
        for (int i = 0; i < 500; i++) buffer.add(i);

        assertThat(buffer.close(Duration.ofSeconds(20))).isZero();

        assertThat(events()).containsExactlyInAnyOrderElementsOf(upTo(500));
        assertThatThrownBy(() -> buffer.add(1)).isInstanceOf(ForebayClosedException.class);
        assertThat(buffer.close(Duration.ZERO)).isZero();
    }

    @Test
    void closing_ends_at_its_deadline_and_says_how_many_events_were_not_handled() {
        CountDownLatch interrupted = new CountDownLatch(1);
        BatchBuffer<Integer, Integer> buffer = open(
                batch -> {
                    try {
                        end.await();
                    } catch (InterruptedException e) {
                        interrupted.countDown();
                        throw e;
                    }
                    return record(batch);
                },
                builder -> builder);
        buffer.addAll(upTo(30));
        CompletableFuture<List<Integer>> flushed = buffer.flush();

        assertThat(buffer.close(Duration.ofMillis(100))).isEqualTo(30);

        awaitQuietly(interrupted);
        assertThat(flushed).isCompletedExceptionally();
        assertThatThrownBy(flushed::join).hasRootCauseInstanceOf(ForebayClosedException.class);
    }

    // ---- what is refused

    @Test
    void what_cannot_be_is_refused_by_name() {
        assertThatThrownBy(() -> BatchBuffer.builder("No Name", this::record))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("buffer name 'No Name'");
        BatchBuffer.Builder<Integer, Integer> builder = BatchBuffer.builder("events", this::record);
        assertThatThrownBy(() -> builder.partitions(0))
                .hasMessageContaining("partitions must be between 1 and 256, was 0");
        assertThatThrownBy(() -> builder.maxSize(0)).hasMessageContaining("maxRows must be at least 1, was 0");
        assertThatThrownBy(() -> builder.maxSize(10, 10))
                .hasMessageContaining("maxRowsJitter must be at least 0 and less than maxRows (10), was 10");
        assertThatThrownBy(() -> builder.durability(Durability.SYNCED).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("buffer events cannot be SYNCED without a journal");
        BatchBuffer<Integer, Integer> buffer = open();
        assertThatThrownBy(() -> buffer.add(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> buffer.addAll(List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least one event");
        BatchBuffer<Integer, Integer> keyed = open(this::record, it -> it.partitionBy(event -> null));
        assertThatThrownBy(() -> keyed.add(1)).hasMessageContaining("partitionBy returned null");
        assertThat(buffer.size() + keyed.size()).isZero();
    }

    @Test
    void flushed_acks_wait_for_the_handler_without_a_journal() {
        BatchBuffer<Integer, Integer> buffer = open(this::record, builder -> builder.durability(Durability.FLUSHED));

        buffer.add(ThreadLocalRandom.current().nextInt()).await();

        assertThat(events()).hasSize(1);
    }
}
