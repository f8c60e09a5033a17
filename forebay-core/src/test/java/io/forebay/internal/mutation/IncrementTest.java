package io.forebay.internal.mutation;

import static io.forebay.internal.TestTables.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.MissingRow;
import io.forebay.internal.TestTables;
import io.forebay.spi.Column.Absent;
import io.forebay.spi.ColumnType;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage.Kind;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The way of a plain increment, and numbers at the edges of what holds them. */
class IncrementTest {
    private static final RowKey KEY = RowKey.of("shelf", List.of(1L));
    private static final ColumnType SMALL = new ColumnType.Whole(-128, 127);
    private static final TableInfo INFO = TestTables.info(
            "shelf",
            column("Total", TestTables.WHOLE, Absent.NULL),
            column("small", SMALL, Absent.NULL),
            column("fixed", new ColumnType.Whole(5, 5), Absent.NULL),
            column("price", new ColumnType.Decimal(10, 2), Absent.NULL));
    private static final TableDefinition DEFINITION = TestTables.definition(INFO, MissingRow.DEAD_LETTER);

    private final TableSchema shelf = new TableSchema(DEFINITION);

    @Test
    void it_names_its_table_its_row_and_its_column() {
        assertThat(shelf.definition()).isSameAs(DEFINITION);
        assertThat(shelf.increment(KEY, "TOTAL", 7)).isEqualTo(new Increment(DEFINITION, KEY, Kind.UPDATE, "Total", 7));
        assertThat(shelf.column("total").name()).isEqualTo("Total");
    }

    @ParameterizedTest
    @ValueSource(longs = {-255, 255, 1})
    void a_delta_between_two_values_of_the_column_is_plain(long delta) {
        assertThat(shelf.increment(KEY, "small", delta)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(longs = {-256, 256, Long.MAX_VALUE, Long.MIN_VALUE})
    void a_larger_one_is_left_to_the_check_that_refuses_it(long delta) {
        assertThat(shelf.increment(KEY, "small", delta)).isNull();
        assertThatThrownBy(() -> shelf.increment("small", delta)).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE})
    void a_column_as_wide_as_a_long_takes_any(long delta) {
        assertThat(shelf.increment(KEY, "total", delta)).isNotNull();
    }

    @Test
    void a_column_with_one_value_takes_no_delta() {
        assertThatThrownBy(() -> shelf.increment("fixed", 1)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_decimal_is_not_plain() {
        assertThat(shelf.increment(KEY, "price", 1)).isNull();
    }

    @Test
    void a_set_of_nothing_is_refused() {
        assertThatThrownBy(() -> shelf.set(Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no columns were given");
    }

    @Test
    void a_sum_of_longs_is_a_long() {
        assertThat(Numbers.sum(0L, 0L)).isEqualTo(0L);
        assertThat(Numbers.sum(Long.MAX_VALUE, 1L)).isEqualTo(new BigDecimal("9223372036854775808"));
    }

    @ParameterizedTest
    @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE})
    void a_sum_that_is_back_at_the_edge_of_a_long_is_one(long edge) {
        BigDecimal beyond = BigDecimal.valueOf(edge).add(BigDecimal.valueOf(Long.signum(edge)));

        assertThat(Numbers.plus(beyond, -Long.signum(edge), TestTables.WHOLE)).isEqualTo(edge);
    }

    @Test
    void a_decimal_keeps_its_digits_and_one_without_limits_is_normalised() {
        assertThat(Numbers.plus(new BigDecimal("1.50"), 1L, new ColumnType.Decimal(10, 2)))
                .isEqualTo(new BigDecimal("2.50"));
        ColumnType unlimited = new ColumnType.Decimal(0, 0);
        assertThat(Numbers.plus(new BigDecimal("1.50"), 1L, unlimited))
                .isEqualTo(unlimited.normalise(new BigDecimal("2.50")));
    }

    @Test
    void columns_that_come_in_order_are_taken_as_they_are() {
        Columns<Integer> columns = Columns.ascending(new String[] {"a", "b"}, new Integer[] {1, 2});

        assertThat(columns).isEqualTo(Map.of("a", 1, "b", 2));
        assertThat(columns.entrySet()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "b"})
    void columns_out_of_order_or_twice_are_refused(String second) {
        assertThatThrownBy(() -> Columns.ascending(new String[] {"b", second}, new Integer[] {1, 2}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("b before " + second);
    }
}
