package io.forebay.internal.mutation;

import static io.forebay.internal.TestTables.WHOLE;
import static io.forebay.internal.TestTables.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.internal.TestTables;
import io.forebay.spi.Column.Absent;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.ColumnChange.Max;
import io.forebay.spi.ColumnChange.Min;
import io.forebay.spi.ColumnChange.Set;
import io.forebay.spi.ColumnType;
import io.forebay.spi.Stage;
import io.forebay.spi.Stage.Kind;
import io.forebay.spi.TableInfo;
import java.math.BigDecimal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The read side of the algebra: a database row with stages on top. */
class ApplyTest {
    private static final ColumnType MONEY = new ColumnType.Decimal(10, 2);
    private static final TableInfo TABLE = TestTables.info(
            "t", column("n", WHOLE, Absent.NULL), column("z", MONEY, Absent.ZERO), column("d", WHOLE, Absent.DATABASE));

    private static Optional<Map<String, Object>> row(Object n, Object z, Object d) {
        Map<String, Object> row = new HashMap<>();
        row.put("id", 1L);
        row.put("n", n);
        row.put("z", z);
        row.put("d", d);
        return Optional.of(row);
    }

    private static Optional<Map<String, Object>> applied(Optional<Map<String, Object>> row, Stage... stages) {
        return Apply.stages(row, List.of(stages), List.of(1L), TABLE);
    }

    private static Stage stage(Kind kind, String column, ColumnChange change) {
        return new Stage(kind, Columns.of(column, change));
    }

    private static Stage bare(Kind kind) {
        return new Stage(kind, Columns.empty());
    }

    @Test
    void no_stages_leave_the_row_as_it_is() {
        assertThat(applied(row(1L, null, null))).isEqualTo(row(1L, null, null));
        assertThat(applied(Optional.empty())).isEmpty();
    }

    @Test
    void an_update_changes_a_row_that_exists() {
        assertThat(applied(row(1L, null, 5L), stage(Kind.UPDATE, "n", new Add(2L))))
                .isEqualTo(row(3L, null, 5L));
    }

    @Test
    void an_update_of_a_missing_row_changes_nothing() {
        assertThat(applied(Optional.empty(), stage(Kind.UPDATE, "n", new Set(2L))))
                .isEmpty();
    }

    @Test
    void an_upsert_of_a_missing_row_counts_from_nothing_and_shows_the_known_defaults() {
        Map<String, Object> row =
                applied(Optional.empty(), stage(Kind.UPSERT, "n", new Add(2L))).orElseThrow();

        assertThat(row).containsEntry("id", 1L).containsEntry("n", 2L).containsEntry("z", new BigDecimal("0.00"));
        assertThat(row).doesNotContainKey("d");
    }

    @Test
    void an_insert_of_a_row_that_exists_changes_nothing() {
        assertThat(applied(row(1L, null, 5L), stage(Kind.INSERT, "n", new Set(9L))))
                .isEqualTo(row(1L, null, 5L));
    }

    @Test
    void an_insert_of_a_missing_row_shows_what_it_was_given() {
        assertThat(applied(Optional.empty(), stage(Kind.INSERT, "d", new Set(9L))))
                .isEqualTo(row(null, new BigDecimal("0.00"), 9L));
    }

    @Test
    void a_replace_forgets_the_old_row() {
        assertThat(applied(row(1L, new BigDecimal("7.00"), 5L), stage(Kind.REPLACE, "d", new Set(9L))))
                .isEqualTo(row(null, new BigDecimal("0.00"), 9L));
    }

    @Test
    void a_delete_leaves_no_row() {
        assertThat(applied(row(1L, null, 5L), bare(Kind.DELETE))).isEmpty();
        assertThat(applied(Optional.empty(), bare(Kind.DELETE))).isEmpty();
    }

    @Test
    void stages_work_in_order() {
        assertThat(applied(
                        row(1L, null, 5L),
                        stage(Kind.UPDATE, "n", new Add(4L)),
                        stage(Kind.UPDATE, "n", new Max(3L)),
                        stage(Kind.UPDATE, "n", new Min(4L))))
                .isEqualTo(row(4L, null, 5L));
    }

    @Test
    void a_change_on_top_of_an_unknown_default_has_to_be_flushed_first() {
        Stage[] stages = {stage(Kind.INSERT, "n", new Set(1L)), stage(Kind.UPDATE, "d", new Add(1L))};

        assertThatThrownBy(() -> applied(Optional.empty(), stages)).isInstanceOf(UnknownDefaultException.class);
    }

    @Test
    void a_set_on_top_of_an_unknown_default_is_known() {
        Stage[] stages = {stage(Kind.INSERT, "n", new Set(1L)), stage(Kind.UPDATE, "d", new Set(2L))};

        assertThat(applied(Optional.empty(), stages)).isEqualTo(row(1L, new BigDecimal("0.00"), 2L));
    }

    @Test
    void null_counts_from_zero_and_has_neither_max_nor_min() {
        assertThat(applied(row(null, null, null), stage(Kind.UPDATE, "n", new Add(-2L))))
                .isEqualTo(row(-2L, null, null));
        assertThat(applied(row(null, null, null), stage(Kind.UPDATE, "n", new Max(-2L))))
                .isEqualTo(row(-2L, null, null));
        assertThat(applied(row(null, null, null), stage(Kind.UPDATE, "n", new Min(2L))))
                .isEqualTo(row(2L, null, null));
        assertThat(applied(row(3L, null, null), stage(Kind.UPDATE, "n", new Set(null))))
                .isEqualTo(row(null, null, null));
    }

    @Test
    void a_sum_that_outgrows_long_is_still_exact() {
        Map<String, Object> row = applied(row(Long.MAX_VALUE, null, null), stage(Kind.UPDATE, "n", new Add(1L)))
                .orElseThrow();

        assertThat(row.get("n")).isEqualTo(new BigDecimal("9223372036854775808"));
        assertThat(applied(Optional.of(row), stage(Kind.UPDATE, "n", new Max(5L))))
                .contains(row);
        assertThat(applied(Optional.of(row), stage(Kind.UPDATE, "n", new Add(-1L))))
                .isEqualTo(row(Long.MAX_VALUE, null, null));
    }

    @Test
    void a_column_that_is_gone_is_passed_over() {
        assertThat(applied(row(1L, null, null), stage(Kind.UPDATE, "gone", new Set(1L))))
                .isEqualTo(row(1L, null, null));
        assertThat(applied(Optional.empty(), stage(Kind.INSERT, "gone", new Set(1L)))
                        .orElseThrow())
                .doesNotContainKey("gone");
    }

    @Test
    void the_row_that_was_given_stays_as_it_was() {
        Optional<Map<String, Object>> given = row(1L, null, null);

        applied(given, stage(Kind.UPDATE, "n", new Add(1L)));

        assertThat(given).isEqualTo(row(1L, null, null));
    }
}
