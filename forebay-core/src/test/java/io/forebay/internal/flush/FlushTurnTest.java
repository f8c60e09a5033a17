package io.forebay.internal.flush;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.BufferPolicy;
import io.forebay.FlushPolicy;
import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.HaltedException;
import io.forebay.internal.TestTables;
import io.forebay.internal.codec.Seal;
import io.forebay.internal.commit.Seals;
import io.forebay.internal.mutation.Increment;
import io.forebay.internal.pending.Budget;
import io.forebay.internal.pending.Partition;
import io.forebay.internal.pending.Window;
import io.forebay.internal.pending.WindowAck;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.FencedException;
import io.forebay.spi.MismatchException;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.RowKey;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** One partition's turns, step by step: what is asked of the journal and of the database, in which order, and what follows. */
class FlushTurnTest {
    private static final TableDefinition PAGES = TestTables.pages();
    private static final long INTERVAL = 1_000;
    private static final long MAX_WAIT = 10_000;

    private final ScriptedSink sink = new ScriptedSink();
    private final List<String> heard = new ArrayList<>();
    private final List<Seal> seals = new ArrayList<>();
    private final List<Watermark> reached = new ArrayList<>();
    private final Counters counters = new Counters();
    private final AtomicBoolean anyFenced = new AtomicBoolean();
    private final UUID journal = UUID.randomUUID();
    private CompletableFuture<Void> sealAnswer = CompletableFuture.completedFuture(null);
    private RuntimeException takeFailure;
    private boolean mine = true;
    private boolean mayComeBack;
    private boolean rewound;
    private final Random random = new Random(1);
    private long now = 5_000_000;

    private final Partition partition = new Partition(
            2,
            FlushPolicy.DEFAULT,
            new Budget("test", BufferPolicy.DEFAULT, () -> 0, 1),
            name -> PAGES.info(),
            () -> now,
            0,
            0,
            List.of());
    private final FlushTurn turn = turn(Duration.ofNanos(INTERVAL), Duration.ZERO);

    private FlushTurn turn(Duration interval, Duration jitter) {
        FlushPolicy policy = FlushPolicy.DEFAULT
                .withInterval(interval, jitter)
                .withRetry(Duration.ofNanos(100), Duration.ofNanos(MAX_WAIT));
        return new FlushTurn(
                new FlushTurn.Context(
                        "shop",
                        journal,
                        sink,
                        new FakeOwnership(),
                        new FakeSeals(),
                        policy,
                        name -> PAGES,
                        listener(),
                        counters,
                        () -> now,
                        anyFenced,
                        random),
                partition);
    }

    private final class FakeOwnership implements Ownership {
        @Override
        public Taken take(Partition taken) {
            if (takeFailure != null) throw takeFailure;
            if (!mine) return null;
            Watermark watermark = sink.own(journal, taken.number());
            return new Taken(watermark, rewound);
        }

        @Override
        public boolean mayComeBack() {
            return mayComeBack;
        }
    }

    private final class FakeSeals implements Seals {
        @Override
        public CompletableFuture<Void> seal(Seal seal) {
            seals.add(seal);
            return sealAnswer;
        }

        @Override
        public void reached(int number, Watermark watermark) {
            reached.add(watermark);
        }
    }

    private ForebayListener listener() {
        return new ForebayListener() {
            @Override
            public void sealed(String database, Batch batch) {
                heard.add("sealed " + batch.to());
            }

            @Override
            public void flushed(String database, Batch batch, BatchResult result, Duration took) {
                heard.add("flushed " + batch.to());
            }

            @Override
            public void deadLettered(String database, Batch batch, DeadLetter letter) {
                heard.add("dead letter " + letter.ordinal());
            }

            @Override
            public void retrying(String database, int number, ForebayException reason, Duration wait) {
                heard.add("retrying " + number + " " + reason.getMessage());
            }

            @Override
            public void halted(String database, int number, ForebayException reason) {
                heard.add("halted " + number);
            }

            @Override
            public void owned(String database, int number, long epoch) {
                heard.add("owned " + number + " epoch " + epoch);
            }

            @Override
            public void rewound(String database, int number, long watermark) {
                heard.add("rewound " + number + " to " + watermark);
            }
        };
    }

    /** One increment, journaled; returns its ack. */
    private WindowAck pending(long id) {
        WindowAck ack =
                partition.add(new Increment(PAGES, RowKey.of("pages", List.of(id)), Stage.Kind.UPSERT, "views", 1));
        partition.lock();
        List<Window> windows;
        try {
            windows = partition.swap();
        } finally {
            partition.unlock();
        }
        windows.forEach(partition::lay);
        return ack;
    }

    private static TransientSinkException away() {
        return new TransientSinkException("away", null);
    }

    @Test
    void with_nothing_pending_there_is_nothing_to_do_but_to_own() {
        assertThat(turn.dueInNanos()).isEqualTo(Long.MAX_VALUE);

        assertThat(turn.runOnce()).isZero();

        assertThat(sink.applied).isEmpty();
        assertThat(seals).isEmpty();
        assertThat(heard).containsExactly("owned 2 epoch 1");
        assertThat(turn.partition()).isSameAs(partition);
    }

    @Test
    void a_batch_is_due_when_its_oldest_write_is_as_old_as_the_interval() {
        pending(1);

        assertThat(turn.dueInNanos()).isEqualTo(INTERVAL);
        now += INTERVAL;
        assertThat(turn.dueInNanos()).isZero();
    }

    @Test
    void the_jitter_is_added_to_the_interval() {
        pending(1);

        List<Long> due = new ArrayList<>();
        for (int i = 0; i < 50; i++)
            due.add(turn(Duration.ofNanos(INTERVAL), Duration.ofNanos(50)).dueInNanos());

        assertThat(due).allMatch(nanos -> nanos >= INTERVAL && nanos <= INTERVAL + 50);
        assertThat(due.stream().distinct()).hasSizeGreaterThan(5);
    }

    @Test
    void a_flush_owns_seals_applies_and_lets_go_in_this_order() {
        WindowAck ack = pending(1);
        pending(2);

        assertThat(turn.runOnce()).isEqualTo(2);

        Batch batch = sink.applied.get(0);
        assertThat(heard).containsExactly("owned 2 epoch 1", "sealed 2", "flushed 2");
        assertThat(seals).containsExactly(new Seal(2, 0, 2, batch.id()));
        assertThat(reached).containsExactly(new Watermark(1, 2, batch.id()));
        assertThat(batch.journal()).isEqualTo(journal);
        assertThat(batch.partition()).isEqualTo(2);
        assertThat(batch.epoch()).isEqualTo(1);
        assertThat(batch.rows()).extracting(row -> row.key().values().get(0)).containsExactly(1L, 2L);
        assertThat(batch.tables()).containsOnlyKeys("pages");
        assertThat(ack.flushed()).isCompletedWithValue(List.of());
        assertThat(counters.rows.sum()).isEqualTo(2);
        assertThat(counters.batches.sum()).isEqualTo(1);
        assertThat(turn.dueInNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void a_row_without_a_key_brings_its_table() {
        partition.add(new PendingAppend("audit", Map.of("what", "login")));
        pending(1);

        turn.runOnce();

        assertThat(sink.applied.get(0).tables()).containsOnlyKeys("pages", "audit");
        assertThat(sink.applied.get(0).appends()).hasSize(1);
    }

    @Test
    void it_owns_once() {
        pending(1);
        turn.runOnce();
        pending(2);

        turn.runOnce();

        assertThat(sink.owned).isEqualTo(1);
        assertThat(sink.applied).hasSize(2);
    }

    @Test
    void nothing_is_sent_before_the_seal_is_journaled() {
        sealAnswer = CompletableFuture.failedFuture(away());
        pending(1);

        assertThat(turn.runOnce()).isZero();
        assertThat(sink.applied).isEmpty();
        assertThat(counters.retries.sum()).isEqualTo(1);
        sealAnswer = CompletableFuture.completedFuture(null);

        assertThat(turn.runOnce()).isEqualTo(1);
        assertThat(seals).hasSize(2);
        assertThat(seals.get(0)).isEqualTo(seals.get(1));
        assertThat(heard)
                .containsSubsequence(
                        "owned 2 epoch 1", "retrying 2 the seal of a batch could not be journaled", "sealed 1");
    }

    @Test
    void what_may_pass_later_is_sent_again_as_it_was_after_a_wait() {
        pending(1);
        sink.answer(away(), away());

        assertThat(turn.runOnce()).isZero();
        assertThat(turn.dueInNanos()).isPositive();
        assertThat(turn.runOnce()).isZero();
        assertThat(turn.runOnce()).isEqualTo(1);

        assertThat(sink.applied)
                .extracting(Batch::id)
                .hasSize(3)
                .containsOnly(sink.applied.get(0).id());
        assertThat(seals).hasSize(1);
        assertThat(counters.retries.sum()).isEqualTo(2);
        assertThat(heard).contains("retrying 2 away");
        assertThat(turn.halted()).isNull();
    }

    @Test
    void a_success_makes_the_next_wait_short_again() {
        pending(1);
        for (int i = 0; i < 30; i++) sink.answer(away());
        for (int i = 0; i < 31; i++) turn.runOnce();
        pending(2);
        sink.answer(away());

        turn.runOnce();

        now += INTERVAL;
        assertThat(turn.dueInNanos()).isLessThanOrEqualTo(0);
    }

    @Test
    void a_mismatch_is_looked_at_once_more_and_then_halts() {
        WindowAck ack = pending(1);
        MismatchException mismatch = new MismatchException("who are you", null);
        sink.answer(mismatch, mismatch);

        turn.runOnce();
        assertThat(turn.halted()).isNull();
        turn.runOnce();

        assertThat(sink.owned).isEqualTo(2);
        assertThat(turn.halted())
                .hasMessageContaining("shop")
                .hasMessageContaining("2")
                .hasMessageContaining("who are you");
        assertThat(turn.dueInNanos()).isEqualTo(Long.MAX_VALUE);
        assertThat(heard).endsWith("halted 2");
        assertThat(turn.isFenced()).isFalse();
        assertThatThrownBy(() -> ack.flushed().join()).hasCauseInstanceOf(HaltedException.class);
    }

    @Test
    void mismatches_with_a_success_between_do_not_halt() {
        MismatchException mismatch = new MismatchException("who are you", null);
        for (int i = 0; i < 3; i++) {
            pending(i);
            sink.answer(mismatch);
            turn.runOnce();
            turn.runOnce();
        }

        assertThat(turn.halted()).isNull();
        assertThat(counters.batches.sum()).isEqualTo(3);
    }

    @Test
    void a_newer_owner_halts_for_good() {
        pending(1);
        sink.answer(new FencedException("epoch 9", null));

        turn.runOnce();
        turn.resume();

        assertThat(turn.isFenced()).isTrue();
        assertThat(turn.halted()).isNotNull();
        assertThat(anyFenced).isTrue();
        assertThat(turn.dueInNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void where_partitions_come_and_go_a_newer_owner_halts_nothing() {
        mayComeBack = true;
        pending(1);
        sink.answer(new FencedException("epoch 9", null));

        turn.runOnce();

        assertThat(turn.isFenced()).isFalse();
        assertThat(turn.halted()).isNull();
        assertThat(anyFenced).isFalse();
        assertThat(partition.pendingRows()).isZero();
        now += MAX_WAIT;
        assertThat(turn.dueInNanos()).isLessThanOrEqualTo(0);
        turn.runOnce();
        assertThat(sink.owned).isEqualTo(2);
    }

    @Test
    void a_partition_that_is_not_this_processs_is_left_alone() {
        mine = false;
        pending(1);

        assertThat(turn.runOnce()).isZero();

        assertThat(sink.applied).isEmpty();
        assertThat(heard).isEmpty();
    }

    @Test
    void a_schema_fault_halts_until_a_person_has_looked() {
        WindowAck before = pending(1);
        sink.answer(new SchemaFaultException("no such column", null));
        turn.runOnce();
        assertThat(turn.halted()).hasMessageContaining("no such column");
        assertThat(before.flushed()).isCompletedExceptionally();

        turn.resume();

        assertThat(turn.halted()).isNull();
        assertThat(turn.dueInNanos()).isLessThanOrEqualTo(0);
        WindowAck after = pending(2);
        turn.runOnce();
        turn.runOnce();
        assertThat(sink.owned).isEqualTo(2);
        assertThat(after.flushed()).isCompleted();
    }

    @Test
    void while_it_cannot_own_it_sends_nothing_and_tries_again() {
        takeFailure = away();
        pending(1);
        now += INTERVAL;

        assertThat(turn.runOnce()).isZero();
        assertThat(sink.applied).isEmpty();
        now += MAX_WAIT;
        assertThat(turn.dueInNanos()).isLessThanOrEqualTo(0);
        takeFailure = null;

        assertThat(turn.runOnce()).isEqualTo(1);
    }

    @Test
    void asked_to_own_again_it_does_although_nothing_is_pending() {
        turn.runOnce();
        assertThat(turn.dueInNanos()).isEqualTo(Long.MAX_VALUE);

        turn.reown();

        assertThat(turn.dueInNanos()).isLessThanOrEqualTo(0);
        turn.runOnce();
        assertThat(sink.owned).isEqualTo(2);
        assertThat(turn.dueInNanos()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void a_database_that_went_back_is_told_of() {
        rewound = true;
        sink.watermark = new Watermark(4, 3, UUID.randomUUID());

        turn.own();

        assertThat(heard).containsExactly("owned 2 epoch 4", "rewound 2 to 3");
    }

    @Test
    void what_an_abandoned_turn_still_reports_is_ignored() {
        pending(1);
        sink.answer(away(), new SchemaFaultException("no such column", null));
        turn.abandon();

        turn.runOnce();
        turn.runOnce();

        assertThat(counters.retries.sum()).isZero();
        assertThat(turn.halted()).isNull();
        assertThat(heard).containsExactly("owned 2 epoch 1", "sealed 1");
    }

    @Test
    void refused_rows_are_told_of_one_by_one() {
        WindowAck ack = pending(1);
        DeadLetter one = letter(0);
        DeadLetter two = letter(1);
        sink.answer(new BatchResult(false, List.of(one, two), 3, 7));

        turn.runOnce();

        assertThat(heard).endsWith("flushed 1", "dead letter 0", "dead letter 1");
        assertThat(ack.flushed()).isCompletedWithValue(List.of(one, two));
        assertThat(counters.deadLetters.sum()).isEqualTo(2);
        assertThat(counters.ignored.sum()).isEqualTo(3);
        assertThat(counters.statements.sum()).isEqualTo(7);
    }

    private static DeadLetter letter(int ordinal) {
        RowKey key = RowKey.of("pages", List.of(1L));
        return new DeadLetter(ordinal, "pages", key, new Stage(Stage.Kind.DELETE, Map.of()), "23505", "taken");
    }
}
