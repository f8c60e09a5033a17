package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.Ack;
import io.forebay.BufferFullException;
import io.forebay.BufferPolicy;
import io.forebay.Database;
import io.forebay.DeadLetteredException;
import io.forebay.DuplicateRowException;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.ForebayClosedException;
import io.forebay.ForebayListener;
import io.forebay.FullPolicy;
import io.forebay.HaltedException;
import io.forebay.JournalAccessException;
import io.forebay.JournalForceException;
import io.forebay.JournalPolicy;
import io.forebay.JournalWriteException;
import io.forebay.MissingRow;
import io.forebay.Source;
import io.forebay.StaleReadException;
import io.forebay.Table;
import io.forebay.spi.Batch;
import io.forebay.spi.Disk;
import io.forebay.spi.ForwardingSink;
import io.forebay.spi.MismatchException;
import io.forebay.spi.RowKey;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Sink;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine between a journal and a database, both of which can be made to fail. */
class EngineTest {
    private static final FlushPolicy QUICK = FlushPolicy.DEFAULT
            .withInterval(Duration.ofMillis(5), Duration.ZERO)
            .withRetry(Duration.ofMillis(1), Duration.ofMillis(5));
    private static final FlushPolicy NEVER = FlushPolicy.DEFAULT.withInterval(Duration.ofHours(1), Duration.ZERO);
    private static final JournalPolicy SMALL = new JournalPolicy(64 << 10, Duration.ofHours(1), 1 << 20, 8 << 20);

    private final MemorySink sink = Tables.sink();
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final List<Forebay> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(forebay -> forebay.close(Duration.ZERO));
    }

    private Forebay.Builder builder(Disk on) {
        return builder(on, "memory", sink);
    }

    private static Forebay.Builder builder(Disk on, String name, Sink database) {
        return Forebay.builder()
                .database(name, database)
                .journal(any -> on)
                .partitions(4)
                .flush(QUICK)
                .journalPolicy(SMALL);
    }

    private Forebay open(Forebay.Builder builder) {
        Forebay forebay = builder.build();
        opened.add(forebay);
        return forebay;
    }

    private static Table pages(Forebay forebay) {
        return forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
    }

    private long hitsInDatabase(long id) {
        return (long) sink.table("pages")
                .row(RowKey.of("pages", List.of(id)))
                .orElseThrow()
                .get("hits");
    }

    @Test
    void a_read_is_exact_at_every_instant_while_flushes_run() {
        Table pages = pages(open(builder(disk)));

        for (long i = 1; i <= 20_000; i++) {
            pages.row(1).increment("hits");
            if (i % 20 == 0) assertThat(pages.row(1).getLong("hits")).isEqualTo(i);
        }

        assertThat(sink.commits()).isGreaterThan(1);
    }

    @Test
    void increments_of_many_threads_are_counted_once_each() throws InterruptedException {
        Forebay forebay = open(builder(disk));
        Table pages = pages(forebay);
        List<Thread> threads = Stream.generate(() -> new Thread(() -> {
                    for (int i = 0; i < 5_000; i++) pages.row(i % 7).increment("hits");
                }))
                .limit(4)
                .toList();

        threads.forEach(Thread::start);
        for (Thread thread : threads) thread.join();
        forebay.flushAndWait();

        assertThat(sink.table("pages").rows().values().stream().mapToLong(row -> (long) row.get("hits")))
                .hasSize(7);
        assertThat(sink.table("pages").rows().values().stream()
                        .mapToLong(row -> (long) row.get("hits"))
                        .sum())
                .isEqualTo(20_000);
    }

    @Test
    void a_lost_reply_to_commit_counts_once() {
        Forebay forebay = open(builder(disk));
        sink.loseNextReply();

        pages(forebay).row(1).increment("hits", 5);
        forebay.flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(5);
        assertThat(forebay.stats().retries()).isEqualTo(1);
    }

    @Test
    void rule_J1_a_journal_that_ends_before_the_watermark_refuses_to_start(@TempDir Path dir) throws IOException {
        Forebay first = open(builderOn(dir.resolve("now")));
        pages(first).row(1).increment("hits");
        first.flushAndWait();
        first.close();
        copy(dir.resolve("now"), dir.resolve("older"));
        Forebay second = open(builderOn(dir.resolve("now")));
        pages(second).row(1).increment("hits");
        second.flushAndWait();
        second.close();

        assertThatThrownBy(() -> open(builderOn(dir.resolve("older"))))
                .isInstanceOf(MismatchException.class)
                .hasMessageContaining("does not belong to journal");
        assertThat(hitsInDatabase(1)).isEqualTo(2);
    }

    private Forebay.Builder builderOn(Path directory) {
        return Forebay.builder()
                .database("memory", sink)
                .journal(directory)
                .partitions(4)
                .flush(QUICK)
                .journalPolicy(SMALL);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, to.resolve(from.relativize(file).toString()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    @Test
    void rule_D2_another_database_refuses_the_journal() {
        Forebay first = open(builder(disk));
        first.close();

        assertThatThrownBy(() -> open(Forebay.builder()
                        .database("memory", Tables.sink())
                        .journal(name -> disk)
                        .journalPolicy(SMALL)
                        .partitions(4)))
                .isInstanceOf(MismatchException.class);
    }

    @Test
    void rule_D5_a_database_that_went_back_gets_what_it_lost_again() {
        AtomicInteger rewound = new AtomicInteger();
        Forebay forebay = open(builder(disk).listener(new ForebayListener() {
            @Override
            public void rewound(String database, int partition, long watermark) {
                rewound.incrementAndGet();
            }
        }));
        Table pages = pages(forebay);
        pages.row(1).increment("hits", 1);
        forebay.flushAndWait();
        MemorySink.Backup backup = sink.backup();
        pages.row(1).increment("hits", 10);
        forebay.flushAndWait();
        pages.row(1).increment("hits", 100);
        forebay.flushAndWait();

        backup.restore();
        pages.row(1).increment("hits", 1000);
        forebay.flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(1111);
        assertThat(rewound).hasPositiveValue();
    }

    @Test
    void rule_D5_a_database_that_went_back_before_the_start_gets_what_it_lost_again() {
        Forebay first = open(builder(disk));
        pages(first).row(1).increment("hits", 1);
        first.flushAndWait();
        MemorySink.Backup backup = sink.backup();
        pages(first).row(1).increment("hits", 10);
        first.flushAndWait();
        pages(first).row(1).increment("hits", 100);
        first.flushAndWait();
        first.close();
        backup.restore();

        Forebay second = open(builder(disk));

        assertThat(pages(second).row(1).getLong("hits")).isEqualTo(111);
        second.flushAndWait();
        assertThat(hitsInDatabase(1)).isEqualTo(111);
    }

    @Test
    void a_partition_that_was_rewound_at_the_start_can_be_taken_again() {
        Forebay first = open(builder(disk));
        MemorySink.Backup backup = sink.backup();
        for (int i = 0; i < 2; i++) {
            pages(first).row(1).increment("hits");
            first.flushAndWait();
        }
        first.close();
        backup.restore();
        Forebay second = open(builder(disk));
        pages(second).row(1).increment("hits");
        second.flushAndWait();

        second.database("memory").resume();
        pages(second).row(1).increment("hits");
        second.flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(4);
        assertThat(second.stats().retries()).isZero();
    }

    @Test
    void rule_R2_a_database_that_shows_less_than_was_flushed_is_not_read() {
        Forebay forebay = open(builder(disk));
        Table pages = pages(forebay);
        MemorySink.Backup backup = sink.backup();
        pages.row(1).increment("hits", 7);
        forebay.flushAndWait();
        backup.restore();

        AtomicReference<Throwable> seen = new AtomicReference<>();
        try {
            pages.row(1).getLong("hits");
        } catch (StaleReadException e) {
            seen.set(e);
        }

        assertThat(seen.get()).isNotNull().hasMessageContaining("lagging replica");
        await().untilAsserted(() -> assertThat(readOrZero(pages)).isEqualTo(7));
    }

    private static long readOrZero(Table pages) {
        try {
            return pages.row(1).getLong("hits");
        } catch (StaleReadException e) {
            return 0;
        }
    }

    @Test
    void a_newer_owner_fences_the_older_one(@TempDir Path dir) throws IOException {
        Forebay older = open(builderOn(dir.resolve("a")).flush(NEVER));
        pages(older).row(1).increment("hits", 1).await();
        copy(dir.resolve("a"), dir.resolve("b"));
        Files.delete(dir.resolve("b/memory/lock"));
        Forebay newer = open(builderOn(dir.resolve("b")));
        newer.flushAndWait();

        pages(older).row(1).increment("hits", 10);
        assertThatThrownBy(older::flushAndWait).isInstanceOf(HaltedException.class);

        assertThatThrownBy(() -> pages(older).row(1).increment("hits")).isInstanceOf(HaltedException.class);
        assertThat(hitsInDatabase(1)).isEqualTo(1);
        assertThat(older.stats().healthy()).isFalse();
    }

    @Test
    void two_instances_on_one_journal_are_refused(@TempDir Path dir) {
        open(builderOn(dir));

        assertThatThrownBy(() -> open(builderOn(dir)))
                .isInstanceOf(JournalAccessException.class)
                .hasMessageContaining("in use");
    }

    @Test
    void rule_J7_a_source_and_its_writes_survive_together_or_not_at_all() {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            MemorySink database = Tables.sink();
            SimulatedDisk first = new SimulatedDisk(seed);
            Forebay before = open(builder(first, "log", database).flush(NEVER));
            writeLines(before, 1 + random.nextInt(200));
            SimulatedDisk second = first.powerCut();
            before.close(Duration.ZERO);

            Forebay after = open(builder(second, "log", database));
            after.database("log").flushAndWait();

            long position = after.database("log")
                    .source("lines")
                    .position()
                    .map(Long::parseLong)
                    .orElse(0L);
            for (long id = 0; id < 5; id++)
                assertThat(hits(database, id)).as("seed " + seed).isEqualTo(position);
            assertThat(database.table("audit").appended()).hasSize((int) position);
            after.close(Duration.ZERO);
        }
    }

    @Test
    void a_source_that_was_refused_cannot_leave_a_gap() {
        Forebay forebay = open(builder(disk, "log", sink).flush(NEVER));
        writeLines(forebay, 3);
        Source lines = forebay.database("log").source("lines");
        Table audit = forebay.database("log").table("audit");
        lines.write("4", writes -> writes.insert(audit, Map.of("what", "line 4")))
                .await();
        disk.failNextForce();
        Ack refused = lines.write("5", writes -> writes.insert(audit, Map.of("what", "line 5")));
        assertThatThrownBy(refused::await).isInstanceOf(JournalForceException.class);

        assertThatThrownBy(() -> lines.write("6", writes -> writes.insert(audit, Map.of("what", "line 6"))))
                .isInstanceOf(JournalWriteException.class)
                .hasMessageContaining("ask for its position");
        assertThat(lines.position()).contains("4");
        lines.write("5", writes -> writes.insert(audit, Map.of("what", "line 5")))
                .await();
        forebay.flushAndWait();

        assertThat(lines.position()).contains("5");
        assertThat(sink.table("audit").appended()).hasSize(5);
    }

    @Test
    void a_source_that_waits_for_the_database_does_not_stand_in_its_way() {
        Forebay forebay = open(builder(disk).durability(Durability.FLUSHED));
        Table pages = pages(forebay);

        for (int line = 1; line <= 200; line++) {
            forebay.source("s")
                    .write(Integer.toString(line), writes -> {
                        for (long id = 0; id < 8; id++) writes.increment(pages.row(id), "hits", 1);
                    })
                    .await(Duration.ofSeconds(10));
        }

        assertThat(hitsInDatabase(0)).isEqualTo(200);
    }

    @Test
    void every_ack_is_completed_by_the_close() throws InterruptedException {
        for (int round = 0; round < 20; round++) {
            SimulatedDisk own = new SimulatedDisk(round);
            Forebay forebay = open(builder(own));
            Table pages = pages(forebay);
            List<Ack> last = java.util.Collections.synchronizedList(new ArrayList<>());
            List<Thread> writers = Stream.generate(() -> new Thread(() -> {
                        Ack ack = null;
                        try {
                            while (true) ack = pages.row(1).increment("hits");
                        } catch (ForebayClosedException e) {
                            if (ack != null) last.add(ack);
                        }
                    }))
                    .limit(4)
                    .toList();
            writers.forEach(Thread::start);
            await().until(() -> forebay.stats().mutations() > 1_000);

            forebay.close();

            for (Thread writer : writers) writer.join();
            for (Ack ack : last) assertThat(ack.toCompletableFuture()).isDone();
        }
    }

    @Test
    void a_source_write_with_a_duplicate_insert_takes_nothing() {
        Forebay forebay = open(builder(disk).flush(NEVER));
        Table users = forebay.table("users");
        Table pages = pages(forebay);

        assertThatThrownBy(() -> forebay.source("s").write("1", writes -> {
                    writes.increment(pages.row(1), "hits", 1);
                    writes.insert(users, Map.of("id", 1));
                    writes.insert(users, Map.of("id", 1));
                }))
                .isInstanceOf(DuplicateRowException.class);

        assertThat(pages.row(1).read()).isEmpty();
        assertThat(forebay.source("s").position()).isEmpty();
    }

    private static long hits(MemorySink database, long id) {
        return database.table("pages")
                .row(RowKey.of("pages", List.of(id)))
                .map(row -> (long) row.get("hits"))
                .orElse(0L);
    }

    private static void writeLines(Forebay forebay, int count) {
        Table pages = forebay.database("log").table("pages", t -> t.onMissingRow(MissingRow.INSERT));
        Table audit = forebay.database("log").table("audit");
        for (int line = 1; line <= count; line++) {
            String what = "line " + line;
            forebay.database("log").source("lines").write(Integer.toString(line), writes -> {
                for (long id = 0; id < 5; id++) writes.increment(pages.row(id), "hits", 1);
                writes.insert(audit, Map.of("what", what));
            });
        }
    }

    @Test
    void a_full_buffer_blocks_then_refuses_and_loses_nothing() {
        BufferPolicy tiny = new BufferPolicy(1 << 20, 100, FullPolicy.BLOCK, Duration.ofMillis(50));
        Forebay forebay = open(builder(disk).buffer(tiny));
        Table pages = pages(forebay);
        sink.away(true);
        int taken = 0;
        BufferFullException refusal = null;
        while (refusal == null) {
            try {
                pages.row(taken).increment("hits");
                taken++;
            } catch (BufferFullException e) {
                refusal = e;
            }
        }

        sink.away(false);
        forebay.flushAndWait();

        assertThat(refusal).hasMessageContaining("100 of 100 rows").hasMessageContaining("waiting");
        assertThat(sink.table("pages").rows()).hasSize(taken);
        assertThat(sink.deadLetters()).isEmpty();
        assertThat(forebay.stats().pendingBytes()).isZero();
        assertThat(forebay.stats().pendingRows()).isZero();
    }

    @Test
    void a_full_buffer_rejects_at_once_if_told_so() {
        BufferPolicy tiny = new BufferPolicy(1 << 20, 1, FullPolicy.REJECT, Duration.ofHours(1));
        Table pages = pages(open(builder(disk).buffer(tiny).flush(NEVER)));
        sink.away(true);
        pages.row(1).increment("hits");

        assertThatThrownBy(() -> pages.row(2).increment("hits")).isInstanceOf(BufferFullException.class);
    }

    @Test
    void a_writer_that_waits_for_room_goes_on_when_there_is_some() throws InterruptedException {
        BufferPolicy tiny = new BufferPolicy(1 << 20, 1, FullPolicy.BLOCK, Duration.ofMinutes(1));
        Forebay forebay = open(builder(disk).buffer(tiny));
        Table pages = pages(forebay);
        sink.away(true);
        pages.row(1).increment("hits");
        Thread writer = new Thread(() -> pages.row(2).increment("hits"));
        writer.start();
        await().until(() -> writer.getState() == Thread.State.TIMED_WAITING);

        sink.away(false);
        writer.join(10_000);

        assertThat(writer.isAlive()).isFalse();
        forebay.flushAndWait();
        assertThat(sink.table("pages").rows()).hasSize(2);
    }

    @Test
    void a_full_disk_refuses_writes_and_recovers_when_there_is_space() {
        Forebay forebay = open(builder(disk).flush(NEVER));
        Table pages = pages(forebay);
        pages.row(1).set("note", "first").await();
        disk.limitTo(64 << 10);

        Ack refused = null;
        for (int i = 2; i < 200 && refused == null; i++) {
            Ack ack = pages.row(i).set("note", "x".repeat(2_000));
            try {
                ack.await();
            } catch (JournalWriteException e) {
                refused = ack;
            }
        }
        assertThat(refused).as("the disk was never full").isNotNull();
        disk.limitTo(Long.MAX_VALUE);

        pages.row(1).set("note", "last").await();
        forebay.flushAndWait();
        assertThat(pages.row(1).getString("note")).contains("last");
        assertThat(forebay.stats().refused()).isPositive();
        assertThat(forebay.stats().pendingBytes()).isZero();
    }

    @Test
    void a_journal_at_its_limit_makes_writers_wait_until_the_database_has_caught_up() {
        JournalPolicy tight = new JournalPolicy(64 << 10, Duration.ofHours(1), 1 << 20, 512 << 10);
        BufferPolicy impatient = new BufferPolicy(64 << 20, 1_000_000, FullPolicy.BLOCK, Duration.ofMillis(300));
        Forebay forebay = open(builder(disk).journalPolicy(tight).buffer(impatient));
        Table pages = pages(forebay);
        sink.away(true);
        long written = 0;
        BufferFullException refusal = null;
        while (refusal == null) {
            try {
                pages.row(1).increment("hits").await();
                written++;
            } catch (BufferFullException e) {
                refusal = e;
            }
        }

        sink.away(false);
        for (int i = 0; i < 2_000; i++) pages.row(1).increment("hits").await();
        forebay.flushAndWait();

        assertThat(refusal).hasMessageContaining("journal: ");
        assertThat(hitsInDatabase(1)).isEqualTo(written + 2_000);
        assertThat(forebay.stats().journalBytes()).isLessThanOrEqualTo(512 << 10);
    }

    @Test
    void what_is_pending_can_be_flushed_while_the_journals_disk_is_full() {
        Forebay forebay = open(builder(disk).flush(NEVER));
        Table pages = pages(forebay);
        pages.row(1).increment("hits", 3).await();
        disk.limitTo(0);
        assertThatThrownBy(() -> pages.row(2).set("note", "x".repeat(100_000)).await())
                .isInstanceOf(JournalWriteException.class);

        forebay.flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(3);
    }

    @Test
    void rule_J6_a_partition_that_has_stopped_does_not_pin_old_segments() {
        AtomicBoolean faulty = new AtomicBoolean(true);
        JournalPolicy tight = new JournalPolicy(64 << 10, Duration.ofHours(1), 1 << 20, 512 << 10);
        Sink halting = Delegates.beforeBatches(sink, batch -> {
            boolean names =
                    batch.rows().stream().anyMatch(row -> row.key().table().equals("users"));
            if (names && faulty.get()) throw new SchemaFaultException("users is not what it was", null);
        });
        Forebay forebay = open(builder(disk, "faulty", halting).journalPolicy(tight));
        Database database = forebay.database("faulty");
        Table users =
                database.table("users", t -> t.onMissingRow(MissingRow.INSERT).group("alone"));
        Table pages =
                database.table("pages", t -> t.onMissingRow(MissingRow.INSERT).group("the others"));
        users.row(1).increment("hits", 7).await();
        await().until(() -> database.stats().haltedPartitions() == 1);

        for (int i = 0; i < 3_000; i++) pages.row(i % 10).increment("hits").await();
        SimulatedDisk after = disk.crash();
        forebay.close(Duration.ZERO);
        faulty.set(false);
        Forebay next = open(builder(after, "faulty", halting).journalPolicy(tight));
        next.flushAndWait();

        assertThat(next.database("faulty").table("users").row(1).getLong("hits"))
                .isEqualTo(7);
        assertThat(sink.table("pages").rows().values().stream()
                        .mapToLong(row -> (long) row.get("hits"))
                        .sum())
                .isEqualTo(3_000);
    }

    @Test
    void rule_J3_a_failed_force_fails_its_acks_and_no_others() {
        Forebay forebay = open(builder(disk).flush(NEVER));
        Table pages = pages(forebay);
        pages.row(1).increment("hits", 1).await();
        disk.failNextForce();

        Ack unknown = pages.row(1).increment("hits", 10);
        assertThatThrownBy(unknown::await).isInstanceOf(JournalForceException.class);
        pages.row(1).increment("hits", 100).await();
        forebay.flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(101);
    }

    @Test
    void a_row_that_is_pending_as_an_insert_cannot_be_inserted_again() {
        Table users = open(builder(disk).flush(NEVER)).table("users");
        users.insert(Map.of("id", 1));

        assertThatThrownBy(() -> users.insert(Map.of("id", 1)))
                .isInstanceOf(DuplicateRowException.class)
                .hasMessageContaining("users[1]");
    }

    @Test
    void a_refused_row_fails_only_its_own_waiter() {
        Forebay forebay = open(builder(disk).partitions(1));
        Table users = forebay.table("users").with(Durability.FLUSHED);

        Ack missing = users.row(1).increment("hits");
        Ack fine = users.insert(Map.of("id", 2));

        fine.await();
        assertThatThrownBy(missing::await)
                .isInstanceOf(DeadLetteredException.class)
                .hasMessageContaining("users[1]")
                .hasMessageContaining("02000");
        assertThat(forebay.stats().deadLetters()).isEqualTo(1);
    }

    @Test
    void refused_mutations_are_all_in_the_dead_letters() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            MemorySink database = Tables.sink();
            Forebay forebay = open(Forebay.builder()
                    .database("memory", database)
                    .journal(name -> new SimulatedDisk(1))
                    .partitions(2)
                    .journalPolicy(SMALL)
                    .flush(QUICK.withMaxRows(1 + random.nextInt(5))));
            Table users = forebay.table("users");
            long written = 0;
            for (int i = 0; i < 60; i++) {
                long id = random.nextInt(4);
                if (random.nextInt(4) == 0) insertIfAllowed(users, id);
                users.row(id).increment("hits", i);
                written += i;
                if (random.nextInt(15) == 0) forebay.flushAndWait();
            }
            forebay.flushAndWait();
            forebay.close();

            assertThat(Accounts.hits(database)).as("seed " + seed).isEqualTo(written);
        }
    }

    private static void insertIfAllowed(Table users, long id) {
        try {
            users.insert(Map.of("id", id, "hits", 0));
        } catch (DuplicateRowException e) {
            assertThat(e).hasMessageContaining("users[" + id + "]");
        }
    }

    @Test
    void a_start_without_the_database_takes_writes_and_flushes_them_later() {
        Forebay first = open(builder(disk));
        pages(first).row(1).increment("hits", 1).await();
        first.close(Duration.ofSeconds(5));
        sink.away(true);

        Forebay second = open(builder(disk));
        pages(second).row(1).increment("hits", 10).await();
        assertThatThrownBy(() -> second.table("never_seen")).isInstanceOf(TransientSinkException.class);
        sink.away(false);
        second.flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(11);
    }

    @Test
    void a_table_is_asked_for_again_after_lost_connections() {
        AtomicInteger lost = new AtomicInteger();
        Sink losing = new ForwardingSink(sink) {
            @Override
            public TableInfo describe(String table) {
                if (lost.incrementAndGet() <= 3) throw new TransientSinkException("the connection was lost", null);
                return super.describe(table);
            }
        };

        Forebay forebay = open(builder(disk, "memory", losing));

        assertThat(pages(forebay).row(1).increment("hits", 1)).isNotNull();
        assertThat(lost).hasValue(4);
    }

    @Test
    void a_close_reports_what_stays_in_the_journal_and_the_next_start_flushes_it() {
        Forebay first = open(builder(disk));
        Table pages = pages(first);
        sink.away(true);
        for (int i = 0; i < 5; i++) pages.row(i).increment("hits");

        long left = first.close(Duration.ofMillis(20));

        assertThat(left).isEqualTo(5);
        assertThatThrownBy(() -> pages.row(1).increment("hits")).isInstanceOf(ForebayClosedException.class);
        sink.away(false);
        Forebay second = open(builder(disk));
        second.flushAndWait();
        assertThat(sink.table("pages").rows()).hasSize(5);
    }

    @Test
    void a_listener_that_throws_harms_nothing() {
        Forebay forebay = open(builder(disk).listener(new ForebayListener() {
            @Override
            public void sealed(String database, Batch batch) {
                throw new IllegalStateException("a listener's own fault");
            }
        }));

        pages(forebay).row(1).increment("hits");
        forebay.flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(1);
    }

    @Test
    void a_flush_that_hangs_is_cancelled_and_counted() {
        HangingSink hanging = new HangingSink(sink, true);
        Forebay forebay =
                open(builder(disk, "slow", hanging).partitions(1).flush(QUICK.withTimeout(Duration.ofMillis(200))));
        Table pages = forebay.database("slow").table("pages", t -> t.onMissingRow(MissingRow.INSERT));

        pages.row(1).increment("hits");
        forebay.database("slow").flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(1);
        assertThat(forebay.database("slow").stats().revived()).isPositive();
    }

    @Test
    void a_flush_that_ignores_its_cancellation_is_left_behind_and_fenced() {
        HangingSink hanging = new HangingSink(sink, false);
        Forebay forebay =
                open(builder(disk, "slow", hanging).partitions(1).flush(QUICK.withTimeout(Duration.ofMillis(200))));
        Table pages = forebay.database("slow").table("pages", t -> t.onMissingRow(MissingRow.INSERT));

        pages.row(1).increment("hits");
        forebay.database("slow").flushAndWait();
        hanging.letGo();
        pages.row(1).increment("hits");
        forebay.database("slow").flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(2);
    }

    @Test
    void a_flush_runner_that_dies_is_replaced() {
        AtomicBoolean deadly = new AtomicBoolean(true);
        Sink killing = Delegates.beforeBatches(sink, batch -> {
            if (deadly.getAndSet(false)) throw new StackOverflowError("a driver's fault");
        });
        Forebay forebay = open(builder(disk, "deadly", killing).partitions(1));
        Table pages = forebay.database("deadly").table("pages", t -> t.onMissingRow(MissingRow.INSERT));

        pages.row(1).increment("hits");
        forebay.database("deadly").flushAndWait();

        assertThat(hitsInDatabase(1)).isEqualTo(1);
        assertThat(forebay.database("deadly").stats().revived()).isEqualTo(1);
    }
}
