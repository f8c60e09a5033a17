package io.forebay.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.Durability;
import io.forebay.Forebay;
import io.forebay.JournalWriteException;
import io.forebay.Row;
import io.forebay.Table;
import io.forebay.redis.RedisDriver.Gap;
import io.forebay.spi.Driver;
import io.forebay.testkit.DriverContract;
import io.forebay.testservers.RedisServer;
import io.forebay.testservers.TcpRelay;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The contract on a real Redis, and what happens to it when Redis or the way to it fails. */
class RedisDriverTest extends DriverContract {
    private static RedisServer shared;
    private final List<Gap> gaps = new CopyOnWriteArrayList<>();
    private Driver next;

    @BeforeAll
    static void startServer() {
        shared = RedisServer.create();
    }

    @AfterAll
    static void endServer() {
        shared.close();
    }

    @BeforeEach
    void emptyServer() {
        shared.command("FLUSHALL");
        next = at(shared.port());
    }

    private RedisDriver at(int port) {
        return RedisDriver.at(RedisSettings.of("redis://127.0.0.1:" + port).withTimeout(Duration.ofSeconds(5)))
                .withLease(Duration.ofMillis(600))
                .onGap(gaps::add);
    }

    @Override
    protected Driver driver() {
        return next;
    }

    private Forebay openAt(int port) {
        next = at(port);
        return open(QUICK);
    }

    private long sum(int rows) {
        long sum = 0;
        for (long id = 0; id < rows; id++) sum += hits(id);
        return sum;
    }

    /** S2. */
    @Test
    void replies_that_are_lost_under_load_count_once() {
        try (TcpRelay relay = TcpRelay.to(shared.host(), shared.port())) {
            Forebay forebay = openAt(relay.port());
            Table pages = pages(forebay);
            for (int i = 0; i < 4_000; i++) {
                if (i % 100 == 0) pages.row(i % 7).increment("hits", 0).await();
                if (i % 200 == 0) relay.loseReply();
                pages.row(i % 7).increment("hits");
                if (i % 5 == 0) pages.row(i % 7).set("note", "n" + i);
            }
            await().atMost(20, TimeUnit.SECONDS).until(() -> relay.lostReplies() >= 5);
            forebay.flushAndWait();

            assertThat(sum(7)).isEqualTo(4_000);
            assertThat(gaps).isEmpty();
        }
    }

    @Test
    void a_Redis_that_forces_every_write_loses_and_doubles_nothing_when_it_is_killed() throws Exception {
        try (RedisServer durable = RedisServer.create("appendonly=yes", "appendfsync=always")) {
            List<Forebay> processes = List.of(openAt(durable.port()), openAt(durable.port()));
            AtomicLong written = new AtomicLong();
            List<Thread> writers = new ArrayList<>();
            AtomicLong end = new AtomicLong(Long.MAX_VALUE);
            for (Table pages : processes.stream().map(DriverContract::pages).toList())
                writers.add(new Thread(() -> {
                    while (written.get() < end.get()) {
                        pages.row(written.get() % 7).increment("hits").await();
                        written.incrementAndGet();
                    }
                }));
            writers.forEach(Thread::start);
            for (int kill = 0; kill < 4; kill++) {
                long before = written.get();
                await().atMost(20, TimeUnit.SECONDS).until(() -> written.get() > before + 50);
                durable.restart();
            }
            end.set(written.get() + 50);
            for (Thread writer : writers) writer.join();
            for (Forebay process : processes) process.flushAndWait();

            assertThat(sum(7)).isEqualTo(written.get());
            assertThat(gaps).isEmpty();
        }
    }

    /** S4. */
    @Test
    void what_a_Redis_without_persistence_forgets_is_reported_with_its_numbers_and_nothing_is_doubled() {
        try (RedisServer forgetful = RedisServer.create()) {
            Forebay quick = openAt(forgetful.port());
            pages(quick).row(1).increment("hits", 3).awaitFlushed();
            quick.close(Duration.ofSeconds(5));
            Forebay forebay = open(ASKED);
            Row row = pages(forebay).row(1);
            row.increment("hits", 10).await();
            row.increment("hits", 10).await();

            forgetful.restart();
            await().atMost(20, TimeUnit.SECONDS).until(() -> !gaps.isEmpty());
            row.increment("hits", 100).await();

            assertThat(gaps).hasSize(1);
            assertThat(gaps.get(0).database()).isEqualTo("memory");
            assertThat(gaps.get(0).first()).isEqualTo(1);
            assertThat(gaps.get(0).last()).isEqualTo(2);
            assertThat(row.getLong("hits")).isEqualTo(103);
            forebay.flushAndWait();
            assertThat(hits(1)).isEqualTo(103);
            row.increment("hits").awaitFlushed();
            assertThat(hits(1)).isEqualTo(104);
            assertThat(gaps).hasSize(1);
        }
    }

    /** S4: the database has sets that Redis forgot; their numbers are not used again. */
    @Test
    void a_copy_of_Redis_from_before_a_flush_is_neither_applied_twice_nor_taken_for_applied() {
        try (RedisServer old = RedisServer.create()) {
            Forebay forebay = openAt(old.port());
            Row row = pages(forebay).row(1);
            row.increment("hits", 1).awaitFlushed();
            old.command("SAVE");
            for (int i = 0; i < 20; i++) row.increment("hits", 10).awaitFlushed();

            old.restart();
            for (int i = 0; i < 20; i++) row.increment("hits", 1_000).awaitFlushed();

            assertThat(hits(1)).isEqualTo(20_201);
            assertThat(row.getLong("hits")).isEqualTo(20_201);
            assertThat(forebay.stats().haltedPartitions()).isZero();
            assertThat(gaps).hasSize(1);
        }
    }

    @Test
    void a_process_that_was_cut_off_past_its_lease_is_fenced_and_nothing_is_doubled() {
        try (TcpRelay relay = TcpRelay.to(shared.host(), shared.port())) {
            Forebay cutOff = openAt(relay.port());
            Forebay other = openAt(shared.port());
            Table here = pages(cutOff);
            Table there = pages(other);
            here.row(0).increment("hits").awaitFlushed();
            for (int round = 0; round < 3; round++) {
                relay.refuse(true);
                relay.cut();
                for (int i = 0; i < 100; i++) here.row(i % 7).increment("hits");
                for (int i = 0; i < 7; i++) there.row(i).increment("hits").awaitFlushed();
                relay.refuse(false);
                for (int i = 0; i < 7; i++) here.row(i).increment("hits").awaitFlushed();
            }
            cutOff.flushAndWait();
            other.flushAndWait();

            assertThat(sum(7)).isEqualTo(1 + 3 * 114);
            assertThat(cutOff.stats().haltedPartitions()).isZero();
        }
    }

    @Test
    void partitions_are_shared_out_and_taken_over() {
        open(QUICK);
        Forebay other = open(QUICK);
        await().until(() -> holders() == 2);
        other.close(Duration.ZERO);
        await().until(() -> holders() == 1);
    }

    private static long holders() {
        return List.of(0, 1, 2, 3).stream()
                .map(p -> shared.command("GET", "forebay:{memory:" + p + "}:lease"))
                .distinct()
                .count();
    }

    @Test
    void what_the_database_holds_is_deleted() {
        Forebay forebay = open(QUICK);
        for (long id = 0; id < 50; id++) pages(forebay).row(id).increment("hits");
        forebay.table("audit").insert(Map.of("what", "x"));
        forebay.flushAndWait();

        await().until(() -> shared.command("KEYS", "*").lines().noneMatch(key -> key.matches(".*:\\d+:\\w+")));
        await().until(() -> forebay.stats().journalBytes() == 0);
    }

    @Test
    void told_to_fail_it_refuses_writes_while_Redis_is_away_and_told_to_wait_it_keeps_them() {
        try (RedisServer server = RedisServer.create("appendonly=yes", "appendfsync=always")) {
            Forebay waits = openAt(server.port());
            next = at(server.port()).withWhenAway(RedisDriver.WhenAway.FAIL);
            Table keeping = pages(waits);
            Table failing = pages(open(QUICK));
            server.kill();

            await().untilAsserted(() -> assertThatThrownBy(
                            () -> failing.row(1).with(Durability.MEMORY).increment("hits", 0))
                    .isInstanceOf(JournalWriteException.class)
                    .hasMessageContaining("refused a write"));
            var ack = keeping.row(1).increment("hits");
            assertThat(ack.toCompletableFuture()).isNotDone();

            server.start();
            ack.awaitFlushed();
            assertThat(hits(1)).isEqualTo(1);
        }
    }

    @Test
    void a_full_Redis_keeps_writers_waiting_and_counts_once_when_there_is_room() {
        try (RedisServer server = RedisServer.create()) {
            Forebay forebay = openAt(server.port());
            pages(forebay).row(1).increment("hits").await();
            server.command("CONFIG", "SET", "maxmemory", "1");
            var ack = pages(forebay).row(1).set("note", "big").toCompletableFuture();
            await().until(() -> forebay.stats().pendingBytes() > 0);
            server.command("CONFIG", "SET", "maxmemory", "0");

            ack.join();
            forebay.flushAndWait();
            assertThat(hits(1)).isEqualTo(1);
            assertThat(inDatabase(1, "note")).isEqualTo("big");
        }
    }
}
