package io.forebay.internal.pending;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.BufferPolicy;
import io.forebay.FlushPolicy;
import io.forebay.MissingRow;
import io.forebay.internal.codec.Seal;
import io.forebay.internal.mutation.Columns;
import io.forebay.internal.mutation.Increment;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.ColumnType;
import io.forebay.spi.FedWindow;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.Stage.Kind;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** A partition whose windows go to, or come from, a journal outside of this process; and batches laid again. */
class PartitionOfSharedJournalTest {
    private static final ColumnType WHOLE = new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);
    private static final TableDefinition PAGES = new TableDefinition(
            new TableInfo(
                    "pages",
                    List.of("id"),
                    Map.of(
                            "id", new Column("id", WHOLE, false, Column.Absent.NULL),
                            "likes", new Column("likes", WHOLE, true, Column.Absent.ZERO),
                            "views", new Column("views", WHOLE, true, Column.Absent.ZERO)),
                    List.of()),
            MissingRow.INSERT,
            null,
            null,
            false);
    private static final PendingAppend LINE = new PendingAppend("audit", Map.of("what", "login"));

    private final Budget budget = new Budget("test", BufferPolicy.DEFAULT, () -> 0, 1);
    private final Partition partition = partition(List.of());

    private Partition partition(List<Window> recovered) {
        return new Partition(
                3,
                FlushPolicy.DEFAULT.withMaxRows(2),
                budget,
                name -> PAGES.info(),
                () -> 100,
                recovered.size(),
                0,
                recovered);
    }

    private static RowKey key(long id) {
        return RowKey.of("pages", List.of(id));
    }

    private static Stage plus(String column, long by) {
        return new Stage(Kind.UPSERT, Columns.of(column, new Add(by)));
    }

    private static PendingRow row(long id, long by) {
        return new PendingRow(key(id), List.of(plus("views", by)));
    }

    private WindowAck increment(long id, String column) {
        return partition.add(new Increment(PAGES, key(id), Kind.UPSERT, column, 1));
    }

    private Window swapOne() {
        partition.lock();
        try {
            return partition.swap().get(0);
        } finally {
            partition.unlock();
        }
    }

    private static Window fed(long from, long to, PendingRow... rows) {
        FedWindow piece = new FedWindow(3, from, to, Duration.ofNanos(40), List.of(rows), List.of(LINE));
        return Window.fed(piece, 60, name -> PAGES.info());
    }

    @Test
    void a_window_that_was_handed_over_is_not_pending_here_any_more() {
        WindowAck ack = increment(1, "views");
        Window window = swapOne();
        assertThat(partition.writing()).containsExactly(window);
        assertThat(partition.newestAck()).isSameAs(ack);

        partition.handedOver(window);

        assertThat(partition.writing()).isEmpty();
        assertThat(partition.newestAck()).isNull();
        assertThat(partition.overlay(key(1)).slices()).isEmpty();
        assertThat(budget.rows()).isZero();
        assertThat(budget.bytes()).isZero();
        assertThat(ack.synced()).isNotDone();
    }

    @Test
    void an_ack_that_was_placed_has_the_journals_sequence() {
        WindowAck ack = increment(1, "views");

        ack.placed(77);

        assertThat(ack.position().partition()).isEqualTo(3);
        assertThat(ack.position().sequence()).isEqualTo(77);
    }

    @Test
    void a_row_that_comes_twice_in_a_piece_is_merged() {
        Window window = fed(10, 15, row(1, 2), row(2, 1), row(1, 5));

        assertThat(window.partition()).isEqualTo(3);
        assertThat(window.from()).isEqualTo(10);
        assertThat(window.to()).isEqualTo(15);
        assertThat(window.openedNanos()).isEqualTo(60);
        assertThat(window.rowCount()).isEqualTo(2);
        assertThat(window.mutations()).isEqualTo(4);
        assertThat(window.stages(key(1))).containsExactly(plus("views", 7));
        assertThat(window.stages(key(2))).containsExactly(plus("views", 1));
        assertThat(window.appends()).containsExactly(LINE);
    }

    @Test
    void a_piece_weighs_what_its_merged_rows_weigh() {
        Window merged = fed(0, 1, row(1, 2), row(1, 5));

        assertThat(merged.bytes()).isEqualTo(fed(0, 1, row(1, 7)).bytes());
        assertThat(merged.bytes()).isLessThan(fed(0, 1, row(1, 2), row(2, 5)).bytes());
    }

    @Test
    void what_was_fed_becomes_a_batch_behind_the_watermark() {
        partition.restart(10);

        partition.feed(fed(10, 15, row(1, 2)));
        PendingBatch batch = partition.seal();

        assertThat(batch.from()).isEqualTo(10);
        assertThat(batch.to()).isEqualTo(15);
        assertThat(partition.released()).isEqualTo(10);
        assertThat(partition.pendingRows()).isEqualTo(2);
    }

    @Test
    void what_is_forgotten_is_pending_no_more_and_can_be_fed_again() {
        partition.restart(10);
        partition.feed(fed(10, 15, row(1, 2)));
        partition.seal();
        long bytes = budget.bytes();

        partition.forget();
        assertThat(partition.pendingRows()).isZero();
        assertThat(budget.rows()).isZero();
        assertThat(budget.bytes()).isZero();
        assertThat(partition.seal()).isNull();
        partition.restart(10);
        partition.feed(fed(10, 15, row(1, 2)));

        assertThat(partition.pendingRows()).isEqualTo(2);
        assertThat(partition.overlay(key(1)).slices()).hasSize(1);
        assertThat(budget.rows()).isEqualTo(2);
        assertThat(budget.bytes()).isEqualTo(bytes);
    }

    @Test
    void a_counter_of_a_second_column_is_kept_beside_the_first() {
        increment(1, "views");
        increment(1, "likes");
        increment(1, "views");

        Window window = swapOne();

        assertThat(window.stages(key(1)))
                .singleElement()
                .satisfies(stage -> assertThat(stage.columns())
                        .containsEntry("likes", new Add(1L))
                        .containsEntry("views", new Add(2L)));
    }

    @Test
    void the_sealed_batch_is_laid_again_as_it_was_and_the_rest_behind_it() {
        List<Window> kept = List.of(recovered(1, 1), recovered(2, 2), recovered(3, 3));
        Partition restarted = partition(kept);
        UUID id = UUID.randomUUID();

        restarted.restart(0, List.of(), new Seal(3, 0, 2, id));

        PendingBatch first = restarted.seal();
        assertThat(first.id()).isEqualTo(id);
        assertThat(first.from()).isZero();
        assertThat(first.to()).isEqualTo(2);
        restarted.release(first, List.of());
        assertThat(restarted.seal().to()).isEqualTo(3);
    }

    @Test
    void a_seal_whose_windows_are_not_all_there_is_not_laid_again() {
        Partition restarted = partition(List.of(recovered(1, 1), recovered(2, 2)));
        UUID id = UUID.randomUUID();

        restarted.restart(0, List.of(), new Seal(3, 0, 5, id));

        assertThat(restarted.seal().id()).isNotEqualTo(id);
    }

    private static Window recovered(long sequence, long id) {
        return Window.recovered(3, sequence, 0, List.of(row(id, 1)), List.of());
    }
}
