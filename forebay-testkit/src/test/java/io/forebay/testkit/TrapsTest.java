package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.Ack;
import io.forebay.BufferFullException;
import io.forebay.BufferPolicy;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.ForebayListener;
import io.forebay.FullPolicy;
import io.forebay.JournalPolicy;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.Table;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Disk;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults that write-behind buffers are known to have, each as a test that such a buffer would fail: {@code docs/traps.md}. */
@Timeout(60)
class TrapsTest {
    private static final FlushPolicy QUICK = FlushPolicy.DEFAULT
            .withInterval(Duration.ofMillis(5), Duration.ZERO)
            .withRetry(Duration.ofMillis(1), Duration.ofMillis(5));
    private static final FlushPolicy BY_SIZE_ALONE =
            QUICK.withInterval(Duration.ofHours(1), Duration.ZERO).withMaxRows(10);
    private static final JournalPolicy SMALL = new JournalPolicy(64 << 10, Duration.ofHours(1), 1 << 20, 8 << 20);
    private static final BufferPolicy ONE_ROW = new BufferPolicy(1 << 20, 1, FullPolicy.REJECT, Duration.ZERO);

    private static final long PAST_A_RELEASE_NANOS = 2_200_000_000L; // applied segments are looked for once a second

    private final MemorySink database = Tables.sink();
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final List<Forebay> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(forebay -> forebay.close(Duration.ZERO));
    }

    private Forebay.Builder builder(Disk on, Sink sink) {
        return Forebay.builder()
                .database("default", sink)
                .journal(name -> on)
                .partitions(1)
                .flush(QUICK)
                .journalPolicy(SMALL);
    }

    private Forebay open(Forebay.Builder builder) {
        Forebay forebay = builder.build();
        opened.add(forebay);
        return forebay;
    }

    private Sink beforeBatches(Consumer<Batch> hook) {
        return Delegates.beforeBatches(database, hook);
    }

    private static Table pages(Forebay forebay) {
        return forebay.table("pages", table -> table.onMissingRow(MissingRow.INSERT));
    }

    private Optional<Map<String, Object>> inDatabase(long id) {
        return database.table("pages").row(RowKey.of("pages", List.of(id)));
    }

    private long hitsInDatabase(long id) {
        return (long) inDatabase(id).orElseThrow().get("hits");
    }

    private static void awaitRetries(Forebay forebay, int number) {
        await().until(() -> forebay.stats().retries() >= number);
    }

    /** A batch that waits in the database's door until it is let in. */
    private static final class Door implements Consumer<Batch> {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch open = new CountDownLatch(1);

        @Override
        public void accept(Batch batch) {
            arrived.countDown();
            await(open);
        }

        void awaitArrival() {
            await(arrived);
        }

        void open() {
            open.countDown();
        }

        private static void await(CountDownLatch latch) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException(e);
            }
        }
    }

    /** Trap: after so many tries the batch is logged and dropped. */
    @Test
    void a_batch_is_not_dropped_however_often_it_fails() {
        Forebay forebay = open(builder(disk, database));
        Table pages = pages(forebay);
        database.away(true);
        for (long id = 0; id < 20; id++) pages.row(id).increment("hits", id);
        awaitRetries(forebay, 100);

        database.away(false);
        forebay.flushAndWait();

        for (long id = 0; id < 20; id++) assertThat(hitsInDatabase(id)).isEqualTo(id);
        assertThat(database.deadLetters()).isEmpty();
    }

    /** Trap: the size is compared with {@code ==}, and a batch that passed it, or failed, is never equal to it. */
    @Test
    void size_still_triggers_a_flush_past_its_limit_and_after_a_batch_that_failed() {
        Forebay forebay = open(builder(disk, database).flush(BY_SIZE_ALONE));
        Table pages = pages(forebay);
        database.away(true);
        for (long first : new long[] {0, 7}) incrementSeven(forebay, pages, first); // 14, never 10
        awaitRetries(forebay, 3);
        database.away(false);
        await().until(() -> inDatabase(13).isPresent());

        for (long first : new long[] {100, 107}) incrementSeven(forebay, pages, first);

        await().until(() -> inDatabase(113).isPresent());
    }

    /** In one window. */
    private static void incrementSeven(Forebay forebay, Table pages, long first) {
        forebay.source("sevens")
                .write(Long.toString(first), group -> {
                    for (long id = first; id < first + 7; id++) group.increment(pages.row(id), "hits", 1);
                })
                .await();
    }

    /** Trap: a setting is read at the moment another one is given, and has no effect after it. */
    @Test
    void settings_have_the_same_effect_before_the_database_and_after_it() {
        Forebay.Builder settingsFirst = Forebay.builder()
                .partitions(1)
                .flush(BY_SIZE_ALONE)
                .buffer(ONE_ROW)
                .journalPolicy(SMALL)
                .journal(name -> disk)
                .database("default", database);
        Forebay.Builder databaseFirst = Forebay.builder()
                .database("default", database)
                .journal(name -> new SimulatedDisk(2))
                .journalPolicy(SMALL)
                .buffer(ONE_ROW)
                .flush(BY_SIZE_ALONE)
                .partitions(1);

        for (Forebay.Builder builder : List.of(settingsFirst, databaseFirst)) {
            Table pages = pages(open(builder));
            database.away(true);
            pages.row(1).increment("hits");
            assertThatThrownBy(() -> pages.row(2).increment("hits")).isInstanceOf(BufferFullException.class);
            database.away(false);
        }
    }

    /** Trap: a stop flushes what is in the queue and leaves it there, so that the next start flushes it again. */
    @Test
    void what_a_close_has_flushed_the_next_start_does_not_flush_again() {
        Forebay first = open(builder(disk, database));
        pages(first).row(1).increment("hits", 3);
        first.close();
        int commits = database.commits();

        Forebay second = open(builder(disk, database));
        second.flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(3);
        assertThat(database.commits()).isEqualTo(commits);
    }

    /** Trap: the flushed batch is removed from what is pending by key, and takes a newer write of that key along. */
    @Test
    void a_write_made_while_its_row_is_flushed_stays_readable_after_it() {
        Door door = new Door();
        Forebay forebay = open(builder(disk, beforeBatches(door)).flush(BY_SIZE_ALONE));
        Row row = pages(forebay).row(1);
        row.increment("hits", 1);
        CompletableFuture<Void> flushed = forebay.flush();
        door.awaitArrival();

        row.increment("hits", 10);
        door.open();
        flushed.join();

        assertThat(hitsInDatabase(1)).isEqualTo(1);
        assertThat(row.getLong("hits")).isEqualTo(11);
    }

    /** Trap: what is in flight is laid over what is pending, so that the older value is read. */
    @Test
    void of_a_value_in_flight_and_a_pending_one_the_newer_is_read() {
        Door door = new Door();
        Forebay forebay = open(builder(disk, beforeBatches(door)));
        Row row = pages(forebay).row(1);
        row.set("note", "older").await();
        door.awaitArrival();

        row.set("note", "newer").await();

        assertThat(row.getString("note")).contains("newer");
        door.open();
        forebay.flushAndWait();
        assertThat(row.getString("note")).contains("newer");
        assertThat(inDatabase(1).orElseThrow().get("note")).isEqualTo("newer");
    }

    /** Trap: a failed batch is put back behind newer writes, and its old value wins. */
    @Test
    void a_batch_that_is_tried_again_does_not_overtake_newer_writes() {
        Forebay forebay = open(builder(disk, database));
        Row row = pages(forebay).row(1);
        database.away(true);
        row.set("note", "older").await();
        awaitRetries(forebay, 3);
        row.set("note", "newer").await();

        database.away(false);
        forebay.flushAndWait();

        assertThat(inDatabase(1).orElseThrow().get("note")).isEqualTo("newer");
    }

    /** Trap: deletes are sent before writes, or a retry comes after them: what was deleted last is there again. */
    @Test
    void put_and_delete_of_one_row_keep_their_order_through_retries() {
        Forebay forebay = open(builder(disk, database));
        Row gone = pages(forebay).row(1);
        Row back = pages(forebay).row(2);
        database.away(true);
        for (Row row : List.of(gone, back)) row.upsert(Map.of("note", "first")).await();
        awaitRetries(forebay, 3);
        for (Row row : List.of(gone, back)) row.delete().await();
        back.upsert(Map.of("note", "again")).await();

        database.loseNextReply();
        database.away(false);
        forebay.flushAndWait();

        assertThat(inDatabase(1)).isEmpty();
        assertThat(inDatabase(2).orElseThrow().get("note")).isEqualTo("again");
    }

    /** Trap: what comes between the copy of the pending writes and their removal is lost. */
    @Test
    void an_increment_between_any_two_steps_of_a_flush_is_counted() {
        AtomicReference<Runnable> step = new AtomicReference<>(() -> {});
        ForebayListener listener = new ForebayListener() {
            @Override
            public void sealed(String name, Batch batch) {
                step.get().run();
            }

            @Override
            public void flushed(String name, Batch batch, BatchResult result, Duration took) {
                step.get().run();
            }
        };
        Forebay forebay =
                open(builder(disk, beforeBatches(batch -> step.get().run())).listener(listener));
        Row row = pages(forebay).row(1);
        AtomicInteger steps = new AtomicInteger();
        step.set(() -> {
            if (steps.incrementAndGet() <= 300) row.increment("hits");
        });

        row.increment("hits");
        await().until(() -> steps.get() > 300);
        step.set(() -> {});
        forebay.flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(301);
    }

    /** Trap: what waits for too long expires, or is dropped by a timer that does not ask whether it was stored. */
    @Test
    void what_the_database_does_not_have_never_expires() {
        JournalPolicy keepsNothing = new JournalPolicy(64 << 10, Duration.ZERO, 0, 64 << 20);
        Forebay first = open(builder(disk, database).journalPolicy(keepsNothing));
        Table pages = pages(first);
        pages.row(0).increment("hits").await();
        first.flushAndWait();
        database.away(true);
        long written = 0;
        for (long start = System.nanoTime(); System.nanoTime() - start < PAST_A_RELEASE_NANOS; written++) {
            pages.row(written % 50).set("note", "x".repeat(2_000));
            pages.row(written % 50).increment("hits").await();
            LockSupport.parkNanos(1_000_000); // so that the time is long and the journal small
        }
        assertThat(first.stats().journalBytes()).isGreaterThan(4 * 64 << 10); // several segments
        SimulatedDisk after = disk.crash();
        first.close(Duration.ZERO);

        database.away(false);
        Forebay second = open(builder(after, database).journalPolicy(keepsNothing));
        second.flushAndWait();

        assertThat(database.table("pages").rows().values().stream()
                        .mapToLong(row -> (long) row.get("hits"))
                        .sum())
                .isEqualTo(written + 1);
    }

    /** Trap: a batch that may be in the database is merged with newer writes, and nobody can tell any more. */
    @Test
    void a_batch_that_may_have_been_applied_keeps_its_identity() {
        AtomicReference<Row> row = new AtomicReference<>();
        List<Batch> sent = new CopyOnWriteArrayList<>();
        Forebay forebay = open(builder(disk, beforeBatches(batch -> {
            sent.add(batch);
            if (sent.size() < 3) row.get().increment("hits", 10).await();
        })));
        row.set(pages(forebay).row(1));
        database.loseNextReply();

        row.get().increment("hits", 1);
        await().until(() -> sent.size() >= 2);
        forebay.flushAndWait();

        assertThat(sent.get(1)).isEqualTo(sent.get(0));
        assertThat(hitsInDatabase(1)).isEqualTo(21);
    }

    /** Trap: a flush that failed says that it is complete. */
    @Test
    void a_flush_that_fails_is_not_reported_as_complete() {
        Forebay forebay = open(builder(disk, database));
        Table pages = pages(forebay);
        database.away(true);
        Ack ack = pages.with(Durability.FLUSHED).row(1).increment("hits");
        CompletableFuture<Void> flush = forebay.flush();
        awaitRetries(forebay, 20);

        assertThat(flush).isNotDone();
        assertThat(ack.toCompletableFuture()).isNotDone();
        assertThat(inDatabase(1)).isEmpty();

        database.away(false);
        flush.join();
        ack.await();
        assertThat(hitsInDatabase(1)).isEqualTo(1);
    }

    /** Trap: a shutdown waits for ever for a flush that hangs. */
    @Test
    void a_close_ends_at_its_deadline_although_a_flush_hangs() {
        Door door = new Door();
        Forebay forebay = open(builder(disk, beforeBatches(door)));
        pages(forebay).row(1).increment("hits").await();
        door.awaitArrival();

        long start = System.nanoTime();
        long left = forebay.close(Duration.ofMillis(100));

        assertThat(left).isEqualTo(1);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
        door.open();
    }

    /** Trap: one row twice in one statement, which a database refuses or applies once; and rows in a map's order. */
    @Test
    void a_row_is_in_a_batch_once_and_rows_are_in_order() {
        List<Batch> sent = new CopyOnWriteArrayList<>();
        Forebay forebay = open(builder(disk, beforeBatches(sent::add)));
        for (int i = 0; i < 5_000; i++) pages(forebay).row((i * 31L) % 97).increment("hits");
        forebay.flushAndWait();

        for (Batch batch : sent)
            assertThat(batch.rows().stream().map(PendingRow::key).map(key ->
                            (Long) key.values().get(0)))
                    .doesNotHaveDuplicates()
                    .isSorted();
        assertThat(sent).anySatisfy(batch -> assertThat(batch.rows()).hasSizeGreaterThan(1));
    }
}
