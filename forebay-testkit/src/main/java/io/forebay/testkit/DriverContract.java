package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.Ack;
import io.forebay.DeadLetteredException;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.HaltedException;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.Table;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.Driver;
import io.forebay.spi.RowKey;
import io.forebay.spi.TableInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Driver} has to do: several instances write to one buffer, any of them flushes, reads are exact. Each
 * {@link Forebay} here stands for a process; real processes that die are the work of other tests.
 */
@Timeout(60)
public abstract class DriverContract {
    private static final ColumnType WHOLE = new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);
    private static final ColumnType TEXT = new ColumnType.Text(0, false, true, "");

    /** Flushes all the time. */
    protected static final FlushPolicy QUICK = FlushPolicy.DEFAULT
            .withInterval(Duration.ofMillis(5), Duration.ZERO)
            .withRetry(Duration.ofMillis(1), Duration.ofMillis(20));

    /** Flushes only when asked to. */
    protected static final FlushPolicy ASKED = FlushPolicy.DEFAULT
            .withInterval(Duration.ofHours(1), Duration.ZERO)
            .withRetry(Duration.ofMillis(1), Duration.ofMillis(20));

    /** The database that all instances write to. */
    protected final MemorySink sink = new MemorySink().create(table("pages")).create(audit());

    private final List<Forebay> opened = new ArrayList<>();

    private static TableInfo table(String name) {
        Map<String, Column> columns = new LinkedHashMap<>();
        columns.put("id", new Column("id", WHOLE, false, Column.Absent.NULL));
        columns.put("hits", new Column("hits", WHOLE, true, Column.Absent.ZERO));
        columns.put("seen", new Column("seen", WHOLE, true, Column.Absent.NULL));
        columns.put("note", new Column("note", TEXT, true, Column.Absent.NULL));
        return new TableInfo(name, List.of("id"), columns, List.of());
    }

    private static TableInfo audit() {
        return new TableInfo(
                "audit", List.of(), Map.of("what", new Column("what", TEXT, true, Column.Absent.NULL)), List.of());
    }

    /** A driver of one more process to the same buffer, which is empty at the beginning of each test. */
    protected abstract Driver driver();

    /** Opens one more instance; it is closed, without flushing, after the test. */
    protected Forebay open(FlushPolicy flush) {
        Forebay forebay = Forebay.builder()
                .database("memory", sink)
                .driver(driver())
                .partitions(4)
                .flush(flush)
                .build();
        opened.add(forebay);
        return forebay;
    }

    @AfterEach
    void closeAll() {
        opened.forEach(forebay -> forebay.close(Duration.ZERO));
    }

    /** The counter table, whose missing rows are inserted. */
    protected static Table pages(Forebay forebay) {
        return forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
    }

    /** What the database holds of a column. */
    protected @Nullable Object inDatabase(long id, String column) {
        return sink.table("pages")
                .row(RowKey.of("pages", List.of(id)))
                .orElseThrow()
                .get(column);
    }

    /** The counter of a row as the database holds it; 0 if there is none. */
    protected long hits(long id) {
        return sink.table("pages")
                .row(RowKey.of("pages", List.of(id)))
                .map(columns -> (Long) columns.get("hits"))
                .orElse(0L);
    }

    @Test
    void counters_of_several_processes_are_counted_once_each() throws InterruptedException {
        List<Forebay> processes = List.of(open(QUICK), open(QUICK), open(QUICK));
        List<Thread> threads = new ArrayList<>();
        for (Forebay process : processes)
            for (int t = 0; t < 2; t++) threads.add(new Thread(() -> count(pages(process), 3_000)));

        threads.forEach(Thread::start);
        for (Thread thread : threads) thread.join();
        for (Forebay process : processes) process.flushAndWait();

        long sum = 0;
        for (long id = 0; id < 7; id++) sum += hits(id);
        assertThat(sum).isEqualTo(18_000);
        assertThat(sink.deadLetters()).isEmpty();
    }

    private static void count(Table pages, int times) {
        for (int i = 0; i < times; i++) {
            Ack ack = pages.row(i % 7).increment("hits");
            if (i % 50 == 0) ack.await();
        }
    }

    @Test
    void one_process_flushes_what_all_have_written() {
        Forebay one = open(ASKED);
        Forebay other = open(ASKED);
        pages(one).row(1).increment("hits", 3).await();
        pages(other).row(1).increment("hits", 4).await();

        other.flushAndWait();

        assertThat(inDatabase(1, "hits")).isEqualTo(7L);
    }

    @Test
    void an_acknowledged_write_is_seen_by_every_process_at_once() {
        Row here = pages(open(ASKED)).row(1);
        Row there = pages(open(ASKED)).row(1);

        for (long i = 1; i <= 50; i++) {
            here.increment("hits").await();
            assertThat(there.getLong("hits")).isEqualTo(i);
        }
        here.set("note", "a").await();
        there.set("note", "b").await();
        assertThat(here.getString("note")).contains("b");
    }

    @Test
    void a_write_is_seen_by_its_own_process_before_it_is_acknowledged() {
        Row row = pages(open(QUICK)).row(1).with(Durability.MEMORY);

        for (long i = 1; i <= 2_000; i++) {
            row.increment("hits");
            if (i % 5 == 0) assertThat(row.getLong("hits")).isEqualTo(i);
        }
    }

    @Test
    void reads_are_exact_while_others_write_and_flush() throws InterruptedException {
        Table writer = pages(open(QUICK));
        Table reader = pages(open(QUICK));
        AtomicLong begun = new AtomicLong();
        AtomicLong acknowledged = new AtomicLong();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                for (long i = 1; i <= 400 || sink.commits() < 5; i++) {
                    begun.set(i);
                    writer.row(1).increment("hits").await();
                    acknowledged.set(i);
                }
            } catch (RuntimeException e) {
                failure.set(e);
            }
        });

        thread.start();
        while (thread.isAlive()) {
            long atLeast = acknowledged.get();
            long hits = reader.row(1).getLong("hits");
            assertThat(hits).isBetween(atLeast, begun.get());
        }
        thread.join();

        assertThat(failure.get()).isNull();
        assertThat(reader.row(1).getLong("hits")).isEqualTo(acknowledged.get());
    }

    @Test
    void writes_of_several_processes_to_one_row_keep_the_order_of_their_acks() {
        Table one = pages(open(ASKED));
        Forebay second = open(ASKED);
        Table two = pages(second);

        one.row(5).increment("hits", 2).await();
        two.row(5).set("hits", 10).await();
        one.row(5).increment("hits", 1).await();
        two.row(5).delete().await();
        one.insert(Map.of("id", 5, "hits", 3, "note", "new")).await();
        two.row(5).max("seen", 8).await();
        one.row(5).max("seen", 4).await();
        two.row(5).increment("hits").await();

        assertThat(one.row(5).getLong("hits")).isEqualTo(4);
        second.flushAndWait();
        assertThat(inDatabase(5, "hits")).isEqualTo(4L);
        assertThat(inDatabase(5, "seen")).isEqualTo(8L);
        assertThat(inDatabase(5, "note")).isEqualTo("new");
    }

    /** One process's rows are its own here, so that a model of each can say what has to come out. */
    @Test
    void random_writes_of_several_processes_end_like_one_at_a_time() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<Forebay> processes = List.of(open(QUICK), open(ASKED), open(QUICK));
        Map<Long, Long> expected = new LinkedHashMap<>();
        for (int i = 0; i < 1_500; i++) {
            Row row = pages(processes.get(random.nextInt(3))).row((long) random.nextInt(20));
            step(row, Long.parseLong(row.toString().replaceAll("\\D", "")), random, expected);
            if (random.nextInt(300) == 0) sink.loseNextReply();
        }
        for (Forebay process : processes) process.flushAndWait();

        for (long id = 0; id < 20; id++) {
            Long hits = expected.get(id);
            var row = sink.table("pages").row(RowKey.of("pages", List.of(id)));
            assertThat(row.map(columns -> columns.get("hits")).orElse(null))
                    .as("row %d, seed %d", id, seed)
                    .isEqualTo(hits);
        }
        assertThat(sink.deadLetters()).isEmpty();
    }

    private static void step(Row row, long id, Random random, Map<Long, Long> expected) {
        switch (random.nextInt(4)) {
            case 0 -> {
                row.set("hits", 100).await();
                expected.put(id, 100L);
            }
            case 1 -> {
                row.delete().await();
                expected.remove(id);
            }
            default -> {
                row.increment("hits", 3).await();
                expected.merge(id, 3L, Long::sum);
            }
        }
    }

    @Test
    void rows_without_a_key_keep_the_order_of_their_process() {
        Forebay forebay = open(QUICK);
        Table audit = forebay.table("audit");

        for (int i = 0; i < 500; i++) audit.insert(Map.of("what", "line " + i));
        forebay.flushAndWait();

        assertThat(sink.table("audit").appended())
                .extracting(line -> line.get("what"))
                .containsExactlyElementsOf(
                        IntStream.range(0, 500).mapToObj(i -> "line " + i).toList());
    }

    @Test
    void a_lost_reply_to_commit_counts_once() {
        Forebay forebay = open(ASKED);
        sink.loseNextReply();

        pages(forebay).row(1).increment("hits", 5);
        forebay.flushAndWait();

        assertThat(inDatabase(1, "hits")).isEqualTo(5L);
    }

    @Test
    void what_a_process_leaves_behind_is_flushed_by_another() {
        Forebay one = open(ASKED);
        pages(one).row(1).increment("hits", 5).await();
        pages(one).row(2).set("note", "left").await();
        one.close(Duration.ZERO);

        Forebay other = open(QUICK);
        Table pages = pages(other);

        assertThat(pages.row(1).getLong("hits")).isEqualTo(5);
        other.flushAndWait();
        assertThat(inDatabase(1, "hits")).isEqualTo(5L);
        assertThat(inDatabase(2, "note")).isEqualTo("left");
    }

    @Test
    void writes_go_on_while_the_database_is_away() {
        Forebay forebay = open(QUICK);
        Table pages = pages(forebay);
        sink.away(true);
        for (int i = 0; i < 100; i++) pages.row(i).increment("hits").await();
        sink.away(false);

        forebay.flushAndWait();

        for (long id = 0; id < 100; id++) assertThat(inDatabase(id, "hits")).isEqualTo(1L);
    }

    @Test
    void a_process_may_leave_flushing_to_others() {
        Forebay writer = Forebay.builder()
                .database("memory", sink)
                .driver(driver())
                .partitions(4)
                .flush(QUICK)
                .flushes(false)
                .build();
        opened.add(writer);
        Ack ack = pages(writer).row(1).increment("hits");
        ack.await();
        assertThat(sink.commits()).isZero();

        open(QUICK);

        ack.awaitFlushed();
        assertThat(inDatabase(1, "hits")).isEqualTo(1L);
    }

    @Test
    void awaiting_the_flush_waits_for_whoever_flushes() {
        open(ASKED);
        Forebay writer = open(ASKED);

        for (long id = 0; id < 8; id++)
            pages(writer).row(id).with(Durability.FLUSHED).increment("hits").await();

        for (long id = 0; id < 8; id++) assertThat(inDatabase(id, "hits")).isEqualTo(1L);
    }

    @Test
    void a_refused_row_fails_only_its_own_waiter_in_whichever_process_that_is() {
        open(ASKED);
        Forebay writer = open(ASKED);
        Table strict = writer.table("pages", t -> t.onMissingRow(MissingRow.DEAD_LETTER));
        Table kind = pages(writer);

        Ack refused = strict.row(77).set("note", "nobody");
        Ack taken = kind.row(78).increment("hits");

        taken.awaitFlushed();
        assertThatThrownBy(refused::awaitFlushed)
                .isInstanceOf(DeadLetteredException.class)
                .hasMessageContaining("pages[77]");
        assertThat(sink.deadLetters()).hasSize(1);
    }

    @Test
    void a_position_is_known_once_the_journal_has_the_write() {
        Table pages = pages(open(ASKED));

        Ack first = pages.row(1).increment("hits");
        first.await();
        Ack second = pages.row(1).increment("hits");

        assertThat(second.position().partition()).isEqualTo(first.position().partition());
        assertThat(second.position().sequence())
                .isGreaterThanOrEqualTo(first.position().sequence());
    }

    /** The database knows one owner; the other finds out, and goes on when the partition is given back to it. */
    @Test
    void a_flusher_that_was_fenced_takes_the_partition_again() {
        Forebay forebay = open(QUICK);
        Table pages = pages(forebay);
        pages.row(1).increment("hits").awaitFlushed();

        sink.ownAll();
        pages.row(1).increment("hits").awaitFlushed();

        assertThat(inDatabase(1, "hits")).isEqualTo(2L);
        assertThat(forebay.stats().haltedPartitions()).isZero();
    }

    @Test
    void an_older_copy_of_the_database_is_not_written_to() {
        Forebay forebay = open(QUICK);
        Table pages = pages(forebay);
        MemorySink.Backup empty = sink.backup();
        for (long id = 0; id < 8; id++) pages.row(id).increment("hits").awaitFlushed();
        Forebay later = restore(empty, forebay);

        assertThatThrownBy(() -> {
                    for (long id = 0; id < 8; id++)
                        pages(later).row(id).increment("hits").awaitFlushed();
                })
                .isInstanceOf(HaltedException.class)
                .hasMessageContaining("older copy");
        assertThat(sink.table("pages").rows()).isEmpty();
    }

    private Forebay restore(MemorySink.Backup backup, Forebay running) {
        running.flushAndWait();
        running.close(Duration.ofSeconds(10));
        backup.restore();
        return open(QUICK);
    }

    @Test
    void another_number_of_partitions_is_refused() {
        open(ASKED);

        assertThatThrownBy(() -> Forebay.builder()
                        .database("memory", sink)
                        .driver(driver())
                        .partitions(5)
                        .build())
                .hasMessageContaining("4")
                .hasMessageContaining("5");
    }
}
