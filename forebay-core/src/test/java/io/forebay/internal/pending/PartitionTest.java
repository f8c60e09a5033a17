package io.forebay.internal.pending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.BufferPolicy;
import io.forebay.DuplicateRowException;
import io.forebay.FlushPolicy;
import io.forebay.internal.TestTables;
import io.forebay.internal.mutation.Columns;
import io.forebay.internal.mutation.Mutation;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.ColumnChange.Set;
import io.forebay.spi.Overlay;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.Stage.Kind;
import io.forebay.spi.TableDefinition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A write on its way from the open window to the batch in flight. PROTOCOL M3, J2, J7. */
class PartitionTest {
    private static final TableDefinition PAGES = TestTables.pages();
    private static final PendingAppend LINE = new PendingAppend("audit", Columns.of("what", "login"));
    private static final long INTERVAL = 1_000;

    private final Budget budget = new Budget("test", BufferPolicy.DEFAULT, () -> 0, 1);
    private long now = 0;
    private Partition partition = partition(FlushPolicy.DEFAULT, 0, 0, List.of());

    private Partition partition(FlushPolicy policy, long lastSequence, long released, List<Window> recovered) {
        return new Partition(0, policy, budget, name -> PAGES.info(), () -> now, lastSequence, released, recovered);
    }

    private static RowKey key(long id) {
        return RowKey.of("pages", List.of(id));
    }

    private static Mutation increment(long id, long by) {
        return new Mutation(PAGES, key(id), plus(by));
    }

    private static Stage plus(long by) {
        return new Stage(Kind.UPSERT, Columns.of("views", new Add(by)));
    }

    private static Mutation insert(long id) {
        return new Mutation(PAGES, key(id), new Stage(Kind.INSERT, Columns.of("views", new Set(1L))));
    }

    private static Mutation delete(long id) {
        return new Mutation(PAGES, key(id), new Stage(Kind.DELETE, Columns.empty()));
    }

    private static Window recovered(long sequence, long id, long by) {
        return Window.recovered(0, sequence, 0, List.of(new PendingRow(key(id), List.of(plus(by)))), List.of());
    }

    private List<Window> swap() {
        partition.lock();
        try {
            return partition.swap();
        } finally {
            partition.unlock();
        }
    }

    private void commit() {
        for (Window window : swap()) partition.lay(window);
    }

    private void flush() {
        PendingBatch batch = partition.seal();
        partition.release(batch, List.of());
    }

    private static long sum(List<Stage> stages) {
        long sum = 0;
        for (Stage stage : stages)
            sum += ((Add) stage.columns().get("views")).delta().longValue();
        return sum;
    }

    private long pending(long id) {
        return partition.overlay(key(id)).slices().stream()
                .mapToLong(slice -> sum(slice.stages()))
                .sum();
    }

    // ---- the open window and its swap

    @Test
    void an_increment_is_pending_at_once() {
        partition.add(increment(1, 5));

        assertThat(partition.overlay(key(1)))
                .isEqualTo(new Overlay(0, List.of(new Overlay.Slice(0, 1, List.of(plus(5))))));
    }

    @Test
    void increments_of_one_window_share_its_ack_and_its_entry() {
        WindowAck first = partition.add(increment(1, 5));
        WindowAck second = partition.add(increment(1, 2));

        assertThat(second).isSameAs(first);
        assertThat(swap()).singleElement().satisfies(window -> {
            assertThat(window.rowCount()).isEqualTo(1);
            assertThat(window.mutations()).isEqualTo(2);
            assertThat(window.stages(key(1))).containsExactly(plus(7));
        });
    }

    @Test
    void an_empty_window_is_not_swapped_and_uses_no_sequence() {
        assertThat(swap()).isEmpty();
        assertThat(swap()).isEmpty();

        assertThat(partition.add(increment(1, 1)).position().sequence()).isEqualTo(1);
    }

    /** PROTOCOL J2. */
    @Test
    void a_swapped_window_stays_in_the_overlay_until_it_is_released() {
        partition.add(increment(1, 5));
        List<Window> swapped = swap();
        assertThat(pending(1)).isEqualTo(5);

        partition.add(increment(1, 2));
        assertThat(pending(1)).isEqualTo(7);

        swapped.forEach(partition::lay);
        assertThat(pending(1)).isEqualTo(7);

        PendingBatch batch = partition.seal();
        assertThat(pending(1)).isEqualTo(7);

        partition.release(batch, List.of());
        assertThat(pending(1)).isEqualTo(2);
        assertThat(partition.overlay(key(1)).released()).isEqualTo(1);
    }

    @Test
    void layers_are_in_the_order_of_their_sequences() {
        partition = partition(FlushPolicy.DEFAULT, 1, 0, List.of(recovered(1, 1, 1)));
        partition.add(increment(1, 2));
        commit();
        partition.add(increment(1, 3));
        swap();
        partition.add(increment(1, 4));

        assertThat(partition.overlay(key(1)).slices())
                .containsExactly(
                        new Overlay.Slice(0, 1, List.of(plus(1))),
                        new Overlay.Slice(1, 2, List.of(plus(2))),
                        new Overlay.Slice(2, 3, List.of(plus(3))),
                        new Overlay.Slice(3, 4, List.of(plus(4))));
    }

    @Test
    void a_full_window_makes_room_for_the_next() {
        partition = partition(FlushPolicy.DEFAULT.withMaxRows(2), 0, 0, List.of());
        List<Long> sequences = new ArrayList<>();
        for (long id = 1; id <= 5; id++)
            sequences.add(partition.add(increment(id, 1)).position().sequence());

        assertThat(sequences).containsExactly(1L, 1L, 2L, 2L, 3L);
        assertThat(swap()).extracting(Window::sequence).containsExactly(1L, 2L, 3L);
    }

    @Test
    void a_window_is_also_full_by_its_bytes() {
        partition = partition(FlushPolicy.DEFAULT.withMaxBytes(1), 0, 0, List.of());

        assertThat(partition.add(LINE).position().sequence()).isEqualTo(1);
        assertThat(partition.add(LINE).position().sequence()).isEqualTo(2);
    }

    /** PROTOCOL J7. */
    @Test
    void a_group_of_writes_is_in_one_cut_however_many_windows_it_fills() {
        partition = partition(FlushPolicy.DEFAULT.withMaxRows(1), 0, 0, List.of());
        partition.lock();
        try {
            for (long id = 1; id <= 3; id++) partition.add(increment(id, 1));
            partition.reached("log", "17");
        } finally {
            partition.unlock();
        }

        List<Window> cut = swap();
        assertThat(cut).extracting(Window::rowCount).containsExactly(1, 1, 1);
        assertThat(cut.get(2).sources()).containsEntry("log", "17");
    }

    @Test
    void a_window_with_nothing_but_a_position_is_written_too() {
        WindowAck ack = partition.reached("log", "1");
        partition.reached("log", "2");

        assertThat(swap()).singleElement().satisfies(window -> {
            assertThat(window.ack()).isSameAs(ack);
            assertThat(window.sources()).containsExactly(Map.entry("log", "2"));
        });
    }

    // ---- duplicate inserts

    @Test
    void an_insert_of_a_pending_insert_is_refused_in_every_layer() {
        partition.add(insert(1));
        assertThatThrownBy(() -> partition.add(insert(1)))
                .isInstanceOf(DuplicateRowException.class)
                .hasMessageContainingAll("pages[1]", "upsert");

        List<Window> swapped = swap();
        assertThatThrownBy(() -> partition.add(insert(1))).isInstanceOf(DuplicateRowException.class);

        swapped.forEach(partition::lay);
        assertThatThrownBy(() -> partition.add(insert(1))).isInstanceOf(DuplicateRowException.class);

        partition.seal();
        assertThatThrownBy(() -> partition.add(insert(1))).isInstanceOf(DuplicateRowException.class);
    }

    @Test
    void a_refused_duplicate_leaves_no_trace() {
        partition.add(insert(1));
        long bytes = budget.bytes();

        assertThatThrownBy(() -> partition.add(insert(1))).isInstanceOf(DuplicateRowException.class);

        assertThat(budget.bytes()).isEqualTo(bytes);
        assertThat(swap().get(0).mutations()).isEqualTo(1);
    }

    @Test
    void an_insert_after_a_delete_is_welcome() {
        partition.add(insert(1));
        commit();
        partition.add(delete(1));
        partition.add(insert(1));

        assertThat(partition.overlay(key(1)).slices().get(1).stages())
                .extracting(Stage::kind)
                .containsExactly(Kind.REPLACE);
        assertThatThrownBy(() -> partition.add(insert(1))).isInstanceOf(DuplicateRowException.class);
    }

    // ---- the chain of batches

    @Test
    void windows_are_merged_into_one_batch_old_then_new() {
        partition.add(delete(1));
        commit();
        partition.add(insert(1));
        partition.add(LINE);
        commit();

        PendingBatch batch = partition.seal();

        assertThat(batch.from()).isZero();
        assertThat(batch.to()).isEqualTo(2);
        assertThat(batch.sortedRows())
                .containsExactly(new PendingRow(
                        key(1), List.of(new Stage(Kind.REPLACE, Columns.of("views", new Set(1L))))));
        assertThat(batch.appends()).containsExactly(LINE);
    }

    @Test
    void rows_of_a_batch_are_in_ascending_order() {
        for (long id : new long[] {30, -1, 7}) partition.add(increment(id, 1));
        commit();

        assertThat(partition.seal().sortedRows()).extracting(PendingRow::key).containsExactly(key(-1), key(7), key(30));
    }

    @Test
    void a_sealed_batch_never_changes() {
        partition.add(increment(1, 1));
        commit();
        PendingBatch sealed = partition.seal();

        partition.add(increment(1, 2));
        commit();

        assertThat(partition.seal()).isSameAs(sealed);
        assertThat(sealed.to()).isEqualTo(1);
        assertThat(sealed.sortedRows()).containsExactly(new PendingRow(key(1), List.of(plus(1))));
        partition.release(sealed, List.of());
        assertThat(partition.seal()).satisfies(next -> {
            assertThat(next.from()).isEqualTo(1);
            assertThat(next.to()).isEqualTo(2);
            assertThat(next.id()).isNotEqualTo(sealed.id());
        });
    }

    @Test
    void batches_are_closed_at_their_cap() {
        partition = partition(FlushPolicy.DEFAULT.withMaxRows(2), 0, 0, List.of());
        for (long id = 1; id <= 5; id++) {
            partition.add(increment(id, 1));
            commit();
        }
        List<Integer> sizes = new ArrayList<>();
        long from = 0;
        for (PendingBatch batch = partition.seal(); batch != null; batch = partition.seal()) {
            assertThat(batch.from()).isEqualTo(from);
            from = batch.to();
            sizes.add(batch.sortedRows().size());
            partition.release(batch, List.of());
        }

        assertThat(sizes).containsExactly(2, 2, 1);
        assertThat(partition.released()).isEqualTo(5);
    }

    @Test
    void batches_are_closed_at_their_bytes() {
        partition = partition(FlushPolicy.DEFAULT.withMaxBytes(1), 0, 0, List.of());
        partition.add(increment(1, 1));
        commit();
        partition.add(increment(1, 1));
        commit();

        assertThat(partition.seal().to()).isEqualTo(1);
    }

    @Test
    void nothing_pending_is_nothing_to_seal() {
        assertThat(partition.seal()).isNull();
        assertThat(partition.flushAll()).isNull();
        assertThat(partition.oldestNanos()).isNull();
        assertThat(partition.dueInNanos(INTERVAL)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void a_release_that_comes_twice_or_too_late_is_nothing() {
        partition.add(increment(1, 1));
        commit();
        PendingBatch first = partition.seal();
        partition.release(first, List.of());
        partition.add(increment(1, 2));
        commit();
        long bytes = budget.bytes();

        partition.release(first, List.of());

        assertThat(partition.released()).isEqualTo(1);
        assertThat(budget.bytes()).isEqualTo(bytes);
        assertThat(pending(1)).isEqualTo(2);
    }

    @Test
    void a_release_completes_the_acks_of_all_its_windows() {
        WindowAck first = partition.add(increment(1, 1));
        commit();
        WindowAck second = partition.add(increment(1, 1));
        commit();
        WindowAck third = partition.add(increment(1, 1));

        flush();

        assertThat(first.flushed()).isCompletedWithValue(List.of());
        assertThat(second.flushed()).isCompletedWithValue(List.of());
        assertThat(third.flushed()).isNotDone();
    }

    @Test
    void a_retry_is_told_by_end_and_id() {
        partition.add(increment(1, 1));
        commit();
        assertThat(partition.endsBatchInFlight(1, null)).isFalse();
        PendingBatch batch = partition.seal();

        assertThat(partition.endsBatchInFlight(1, batch.id())).isTrue();
        assertThat(partition.endsBatchInFlight(2, batch.id())).isFalse();
        assertThat(partition.endsBatchInFlight(1, new UUID(0, 0))).isFalse();
    }

    // ---- when a flush is due

    @Test
    void a_batch_is_due_when_its_oldest_mutation_is() {
        now = 100;
        partition = partition(FlushPolicy.DEFAULT, 0, 0, List.of());
        partition.add(increment(1, 1));
        commit();
        now = 400;

        assertThat(partition.oldestNanos()).isEqualTo(100);
        assertThat(partition.dueInNanos(INTERVAL)).isEqualTo(700);
        now = 1_100;
        assertThat(partition.dueInNanos(INTERVAL)).isZero();
    }

    @Test
    void a_closed_batch_is_due_at_once() {
        partition = partition(FlushPolicy.DEFAULT.withMaxRows(1), 0, 0, List.of());
        partition.add(increment(1, 1));
        commit();

        assertThat(partition.dueInNanos(INTERVAL)).isZero();
    }

    @Test
    void what_was_asked_for_is_due_at_once_and_nothing_newer() {
        partition.add(increment(1, 1));
        assertThat(partition.flushAll().position().sequence()).isEqualTo(1);
        commit();
        assertThat(partition.dueInNanos(INTERVAL)).isZero();

        flush();
        partition.add(increment(1, 1));
        commit();

        assertThat(partition.dueInNanos(INTERVAL)).isEqualTo(INTERVAL);
        partition.want(2);
        assertThat(partition.dueInNanos(INTERVAL)).isZero();
    }

    @Test
    void recovered_windows_are_due_at_once() {
        partition = partition(FlushPolicy.DEFAULT, 1, 0, List.of(recovered(1, 1, 1)));

        assertThat(partition.dueInNanos(INTERVAL)).isZero();
    }

    // ---- refusals

    @Test
    void a_refused_window_was_never_written() {
        partition.add(increment(1, 1));
        commit();
        WindowAck ack = partition.add(increment(1, 5));
        partition.add(increment(2, 5));
        partition.add(LINE);
        long rows = budget.rows();
        RuntimeException reason = new IllegalStateException("no space");

        swap().forEach(window -> partition.refuse(window, reason));

        assertThat(rows).isEqualTo(4);
        assertThat(budget.rows()).isEqualTo(1);
        assertThat(pending(1)).isEqualTo(1);
        assertThat(pending(2)).isZero();
        assertThat(ack.journaled()).isCompletedExceptionally();
        assertThat(ack.synced()).isCompletedExceptionally();
        assertThat(ack.flushed()).isCompletedExceptionally();
    }

    @Test
    void the_sequence_of_a_refused_window_is_not_given_out_again() {
        partition.add(increment(1, 5));
        swap().forEach(window -> partition.refuse(window, new IllegalStateException("no space")));

        assertThat(partition.add(increment(1, 1)).position().sequence()).isEqualTo(2);
        commit();
        assertThat(partition.seal().from()).isZero();
        assertThat(partition.seal().to()).isEqualTo(2);
    }

    @Test
    void a_hopeless_partition_tells_those_who_wait_and_keeps_their_writes() {
        WindowAck before = partition.add(increment(1, 1));
        commit();
        RuntimeException reason = new IllegalStateException("halted");

        partition.failWaiters(reason);
        WindowAck after = partition.add(increment(1, 2));
        commit();

        assertThat(before.flushed()).isCompletedExceptionally();
        assertThat(after.flushed()).isCompletedExceptionally();
        assertThat(pending(1)).isEqualTo(3);
        partition.failWaiters(null);
        WindowAck later = partition.add(increment(1, 3));
        commit();
        assertThat(later.flushed()).isNotDone();
    }

    // ---- a start

    @Test
    void recovered_windows_are_pending_before_the_watermark_is_known() {
        partition = partition(FlushPolicy.DEFAULT, 8, 5, List.of(recovered(7, 1, 10), recovered(8, 1, 20)));

        assertThat(pending(1)).isEqualTo(30);
        assertThat(budget.rows()).isEqualTo(2);
        assertThat(partition.seal()).isNull();
        assertThat(partition.newestJournaled()).isEqualTo(8);
        assertThat(partition.add(increment(1, 1)).position().sequence()).isEqualTo(9);
    }

    @Test
    void a_restart_drops_what_the_database_holds() {
        Window held = recovered(6, 1, 1);
        Window missing = recovered(7, 1, 10);
        partition = partition(FlushPolicy.DEFAULT, 7, 5, List.of(held, missing));

        partition.restart(6, List.of(), null);

        assertThat(pending(1)).isEqualTo(10);
        assertThat(held.ack().flushed()).isCompletedWithValue(List.of());
        assertThat(missing.ack().flushed()).isNotDone();
        assertThat(budget.rows()).isEqualTo(1);
        PendingBatch batch = partition.seal();
        assertThat(batch.from()).isEqualTo(6);
        assertThat(batch.to()).isEqualTo(7);
    }

    @Test
    void a_restart_puts_recovered_windows_below_those_written_since() {
        partition = partition(FlushPolicy.DEFAULT, 2, 0, List.of(recovered(1, 1, 1), recovered(2, 1, 2)));
        partition.add(increment(1, 4));
        commit();
        partition.add(increment(1, 8));

        partition.restart(1, List.of(), null);

        assertThat(partition.overlay(key(1)))
                .isEqualTo(new Overlay(
                        1,
                        List.of(
                                new Overlay.Slice(1, 2, List.of(plus(2))),
                                new Overlay.Slice(2, 3, List.of(plus(4))),
                                new Overlay.Slice(3, 4, List.of(plus(8))))));
    }

    /** PROTOCOL D5: a database that went back is given again what it lost. */
    @Test
    void a_restart_takes_up_windows_that_the_database_lost() {
        for (long id = 1; id <= 3; id++) {
            partition.add(increment(1, id));
            commit();
            flush();
        }
        partition.add(increment(1, 4));
        commit();

        partition.restart(1, List.of(recovered(2, 1, 2), recovered(3, 1, 3)), null);

        assertThat(pending(1)).isEqualTo(9);
        assertThat(partition.released()).isEqualTo(1);
        PendingBatch batch = partition.seal();
        assertThat(batch.from()).isEqualTo(1);
        assertThat(batch.to()).isEqualTo(3);
        assertThat(batch.sortedRows()).containsExactly(new PendingRow(key(1), List.of(plus(5))));
        partition.release(batch, List.of());
        assertThat(partition.seal().from()).isEqualTo(3);
        flush();
        assertThat(budget.rows()).isZero();
        assertThat(budget.bytes()).isZero();
    }

    // ---- the budget and the order, over random runs

    /** Nothing lost, nothing twice, batches without gaps, and the budget back at nothing when all is gone. */
    @Test
    void any_run_keeps_its_order_and_gives_back_its_budget() {
        for (long seed = 0; seed < 1_500; seed++) {
            try {
                new PartitionWalk(seed).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }
}
