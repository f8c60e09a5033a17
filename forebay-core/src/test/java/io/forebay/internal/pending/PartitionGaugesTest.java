package io.forebay.internal.pending;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.BufferPolicy;
import io.forebay.FlushPolicy;
import io.forebay.FullPolicy;
import io.forebay.internal.TestTables;
import io.forebay.internal.mutation.Columns;
import io.forebay.internal.mutation.Increment;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.Stage.Kind;
import io.forebay.spi.TableDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a partition says of itself at each station of a write: its newest ack, its age, its share of the budget. */
class PartitionGaugesTest {
    private static final TableDefinition PAGES = TestTables.pages();

    private final Budget budget = new Budget("test", BufferPolicy.DEFAULT, () -> 0, 1);
    private long now = 0;
    private Partition partition = partition(List.of());

    private Partition partition(List<Window> recovered) {
        return new Partition(
                7,
                FlushPolicy.DEFAULT.withMaxRows(2),
                budget,
                name -> PAGES.info(),
                () -> now,
                recovered.size(),
                0,
                recovered);
    }

    private static RowKey key(long id) {
        return RowKey.of("pages", List.of(id));
    }

    private WindowAck increment(long id) {
        return partition.add(new Increment(PAGES, key(id), Kind.UPSERT, "views", 1));
    }

    private static Window recovered(long sequence, long nanos) {
        Stage stage = new Stage(Kind.UPSERT, Columns.of("views", new Add(1L)));
        return Window.recovered(7, sequence, nanos, List.of(new PendingRow(key(1), List.of(stage))), List.of());
    }

    private List<Window> swap() {
        partition.lock();
        try {
            return partition.swap();
        } finally {
            partition.unlock();
        }
    }

    @Test
    void its_number_is_the_one_it_was_given() {
        assertThat(partition.number()).isEqualTo(7);
        assertThat(increment(1).position().partition()).isEqualTo(7);
    }

    @Test
    void an_increment_takes_room_once_for_each_row_and_gives_it_back() {
        increment(1);
        increment(1);
        assertThat(budget.rows()).isEqualTo(1);
        long one = budget.bytes();
        assertThat(one).isPositive();
        increment(2);
        assertThat(budget.rows()).isEqualTo(2);
        assertThat(budget.bytes()).isEqualTo(2 * one);

        for (Window window : swap()) partition.lay(window);
        partition.release(partition.seal(), List.of());

        assertThat(budget.rows()).isZero();
        assertThat(budget.bytes()).isZero();
    }

    @Test
    void increments_of_a_full_window_go_into_the_next() {
        WindowAck first = increment(1);
        assertThat(increment(2)).isSameAs(first);

        assertThat(increment(3).position().sequence()).isEqualTo(2);
    }

    @Test
    void a_flush_waits_for_the_newest_write_wherever_it_is() {
        assertThat(partition.flushAll()).isNull();
        WindowAck open = increment(1);
        assertThat(partition.flushAll()).isSameAs(open);
        for (Window window : swap()) {
            assertThat(partition.flushAll()).isSameAs(open); // it is being written
            partition.lay(window);
        }
        assertThat(partition.flushAll()).isSameAs(open);
        assertThat(partition.chain())
                .singleElement()
                .extracting(PendingBatch::to)
                .isEqualTo(1L);

        Window old = recovered(1, 0);
        partition = partition(List.of(old));
        assertThat(partition.flushAll()).isSameAs(old.ack());
    }

    @Test
    void its_age_is_that_of_the_oldest_write_wherever_it_is() {
        assertThat(partition.oldestNanos()).isNull();
        now = 100;
        partition.lock(); // a group of writes: the window opens with the partition, at 0
        partition.unlock();
        increment(1);
        Long opened = partition.oldestNanos();
        assertThat(opened).isNotNull();
        List<Window> swapped = swap();
        now = 200;
        increment(2);
        assertThat(partition.oldestNanos()).isEqualTo(opened);
        for (Window window : swapped) partition.lay(window);
        assertThat(partition.oldestNanos()).isEqualTo(opened);

        partition = partition(List.of(recovered(1, 42), recovered(2, 43)));
        increment(3);
        assertThat(partition.oldestNanos()).isEqualTo(42L);
    }

    @Test
    void a_full_window_is_older_than_the_open_one() {
        increment(1);
        increment(2);
        Long oldest = partition.oldestNanos();
        now = 300;
        increment(3);
        assertThat(partition.oldestNanos()).isEqualTo(oldest);
    }

    @Test
    void a_sequence_is_given_away_only_when_nothing_waits_to_be_journaled() {
        assertThat(partition.takeSequence()).isEqualTo(1);
        assertThat(increment(1).position().sequence()).isEqualTo(2);
        assertThat(partition.takeSequence()).isZero();
        List<Window> swapped = swap();
        assertThat(partition.takeSequence()).isZero();
        swapped.forEach(partition::lay);
        assertThat(partition.takeSequence()).isEqualTo(3);

        increment(1);
        increment(2);
        increment(3); // one window is full, another open
        assertThat(partition.takeSequence()).isZero();
        partition = partition(List.of(recovered(1, 0)));
        assertThat(partition.takeSequence()).isZero();
    }

    @Test
    void those_who_wait_for_what_was_recovered_are_told_as_well() {
        Window old = recovered(1, 0);
        partition = partition(List.of(old));

        partition.failWaiters(new IllegalStateException("a person has to look"));

        assertThat(old.ack().flushed()).isCompletedExceptionally();
    }

    @Test
    void rows_of_a_batch_are_handed_out_each() {
        increment(1);
        increment(2);
        for (Window window : swap()) partition.lay(window);

        List<RowKey> seen = new ArrayList<>();
        partition.chain().get(0).forEachRow((key, stages) -> seen.add(key));

        assertThat(seen).containsExactlyInAnyOrder(key(1), key(2));
    }

    @Test
    void the_journals_disk_counts_against_the_budget_from_its_limit_on() {
        BufferPolicy policy = new BufferPolicy(1 << 20, 10, FullPolicy.REJECT, Duration.ZERO);
        long[] journal = {99};
        Budget limited = new Budget("test", policy, () -> journal[0], 100);
        assertThat(limited.hasRoom()).isTrue();

        journal[0] = 100;

        assertThat(limited.hasRoom()).isFalse();
        assertThat(limited.isPressed()).isTrue();
    }

    @Test
    void a_refusal_names_the_row_or_the_table_of_an_append() {
        Stage stage = new Stage(Kind.INSERT, Columns.empty());

        assertThat(WindowAck.refusal(new DeadLetter(0, "pages", key(1), stage, "23505", "it is there")))
                .hasMessageContainingAll("the database refused pages[1]", "it is there", "23505");
        assertThat(WindowAck.refusal(new DeadLetter(0, "audit", null, stage, "22001", "too long")))
                .hasMessageContaining("the database refused an insert into audit: too long");
    }
}
