package io.forebay.internal.pending;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.internal.TestTables;
import io.forebay.internal.mutation.Columns;
import io.forebay.internal.mutation.Increment;
import io.forebay.spi.Bytes;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.ColumnChange.Max;
import io.forebay.spi.ColumnChange.Min;
import io.forebay.spi.ColumnChange.Set;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.Stage.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is pending is weighed: the buffer's limit in bytes is as good as these numbers. */
class FootprintTest {
    private static final long ROW = 160;
    private static final long STAGE = 72;
    private static final long CHANGE = 48;
    private static final long NUMBER = 24;
    private static final long TEXT = 48;
    private static final RowKey KEY = RowKey.of("pages", List.of(1L));

    private static Stage stage(Columns<io.forebay.spi.ColumnChange> changes) {
        return new Stage(Kind.UPSERT, changes);
    }

    @Test
    void a_key_weighs_its_values() {
        assertThat(Footprint.of(KEY)).isEqualTo(ROW + NUMBER);
        assertThat(Footprint.of(RowKey.of("pages", List.of("/home", 1L)))).isEqualTo(ROW + NUMBER + TEXT + 2 * 5);
    }

    @Test
    void stages_weigh_each_change_with_its_value() {
        assertThat(Footprint.of(List.of())).isZero();
        assertThat(Footprint.of(List.of(stage(Columns.empty()), stage(Columns.empty()))))
                .isEqualTo(2 * STAGE);
        assertThat(Footprint.of(List.of(stage(Columns.of("a", new Set("four"))))))
                .isEqualTo(STAGE + CHANGE + TEXT + 2 * 4);
        assertThat(Footprint.of(List.of(stage(Columns.of("a", new Max("four"))))))
                .isEqualTo(STAGE + CHANGE + TEXT + 2 * 4);
        assertThat(Footprint.of(List.of(stage(Columns.of("a", new Min("four"))))))
                .isEqualTo(STAGE + CHANGE + TEXT + 2 * 4);
        assertThat(Footprint.of(List.of(stage(Columns.of("a", new Add(1L)))))).isEqualTo(STAGE + CHANGE + NUMBER);
        assertThat(Footprint.of(List.of(stage(Columns.of("a", new Set(null)))))).isEqualTo(STAGE + CHANGE);
    }

    @Test
    void an_append_weighs_its_columns() {
        assertThat(Footprint.of(new PendingAppend("audit", Columns.of("what", Bytes.copyOf(new byte[100])))))
                .isEqualTo(ROW + 8 + 40 + 100);
    }

    @Test
    void a_row_weighs_its_counters_until_they_are_a_stage() {
        RowChanges row = new RowChanges(KEY);
        long empty = row.bytes();
        row.increment(increment("views", 1));
        row.increment(increment("likes", 1));
        assertThat(row.bytes()).isEqualTo(empty + 2 * Footprint.COUNTER);

        row.append(stage(Columns.of("views", new Add(1L))), TestTables.pages().info());

        assertThat(row.bytes()).isEqualTo(empty + Footprint.of(row.stages()));
        assertThat(row.stages()).hasSize(1);
    }

    @Test
    void a_counter_of_another_kind_is_a_stage_of_its_own() {
        RowChanges row = new RowChanges(KEY);
        row.increment(increment("views", 1));
        row.increment(new Increment(TestTables.pages(), KEY, Kind.UPDATE, "likes", 2));

        assertThat(row.bytes()).isGreaterThan(Footprint.of(KEY) + Footprint.COUNTER);
        assertThat(row.stages()).isNotEmpty();
    }

    @Test
    void a_window_weighs_its_rows_and_appends_and_gives_them_to_the_batch() {
        Window window = new Window(0, 1, 0, 0);
        long grown = window.add(increment("views", 1));
        assertThat(window.add(increment("views", 1))).isZero();
        grown += window.add(new PendingAppend("audit", Columns.of("what", "login")));

        assertThat(window.bytes()).isEqualTo(grown);
        assertThat(grown).isEqualTo(ROW + NUMBER + Footprint.COUNTER + ROW + 8 + TEXT + 2 * 5);
        assertThat(window.mutations()).isEqualTo(3);

        PendingBatch batch = new PendingBatch(0, 0);
        long laid = batch.lay(window, table -> TestTables.pages().info());
        batch.laid(window, laid);
        assertThat(laid).isEqualTo(grown);
        assertThat(batch.bytes()).isEqualTo(grown);
        assertThat(batch.size()).isEqualTo(2);
        assertThat(batch.rowCount()).isEqualTo(1);
        assertThat(batch.lastAck()).isSameAs(window.ack());
    }

    @Test
    void a_window_that_was_read_back_weighs_what_it_holds_and_is_durable() {
        Window window = Window.rewritten(
                3,
                4,
                9,
                0,
                List.of(new io.forebay.spi.PendingRow(KEY, List.of(stage(Columns.of("views", new Add(1L)))))),
                List.of(new PendingAppend("audit", Columns.of("what", "login"))));

        assertThat(window.bytes()).isEqualTo(ROW + NUMBER + STAGE + CHANGE + NUMBER + ROW + 8 + TEXT + 2 * 5);
        assertThat(window.mutations()).isEqualTo(2);
        assertThat(window.partition()).isEqualTo(3);
        assertThat(window.from()).isEqualTo(4);
        assertThat(window.to()).isEqualTo(9);
        assertThat(window.ack().synced()).isCompleted();
    }

    private static Increment increment(String column, long by) {
        return new Increment(TestTables.pages(), KEY, Kind.UPSERT, column, by);
    }
}
