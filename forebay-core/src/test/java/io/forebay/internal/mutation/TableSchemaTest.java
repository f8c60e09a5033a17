package io.forebay.internal.mutation;

import static io.forebay.internal.TestTables.WHOLE;
import static io.forebay.internal.TestTables.column;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.MissingRow;
import io.forebay.internal.TestTables;
import io.forebay.spi.Column;
import io.forebay.spi.Column.Absent;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnType;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.Stage.Kind;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TableInfo;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.AbstractThrowableAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Every refusal names the table, the column and what would be right. DESIGN §14. */
class TableSchemaTest {
    private static final TableInfo INFO = TestTables.info(
            "shop.orders",
            new Column("count", new ColumnType.Whole(-128, 127), false, Absent.ZERO),
            column("note", new ColumnType.Text(5, false, false, ""), Absent.NULL),
            column("seen", new ColumnType.Moment(6), Absent.NULL),
            column("shop", WHOLE, Absent.NULL),
            column("place", new ColumnType.Unsupported("geometry"), Absent.NULL),
            column("Name", new ColumnType.Text(0, false, false, ""), Absent.NULL),
            column("NAME", new ColumnType.Text(0, false, false, ""), Absent.NULL));
    private final TableSchema orders = new TableSchema(TestTables.definition(INFO, MissingRow.DEAD_LETTER));
    private final TableSchema routed =
            new TableSchema(new TableDefinition(INFO, MissingRow.INSERT, "shops", "shop", false));

    private static AbstractThrowableAssert<?, ?> refused(ThrowingCallable call) {
        return assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_column_is_found_in_any_spelling_that_is_not_ambiguous() {
        assertThat(orders.column("COUNT").name()).isEqualTo("count");
        assertThat(orders.column("Name").name()).isEqualTo("Name");
        assertThat(orders.column("NAME").name()).isEqualTo("NAME");
        refused(() -> orders.column("name")).hasMessageContaining("shop.orders").hasMessageContaining("name");
    }

    @Test
    void an_unknown_column_is_answered_with_those_there_are() {
        refused(() -> orders.increment("visits", 1))
                .hasMessageContainingAll("shop.orders", "visits", "count", "note", "seen");
    }

    @Test
    void an_increment_is_normalised() {
        assertThat(orders.increment("count", 3))
                .isEqualTo(new Stage(Kind.UPDATE, Columns.of("count", new ColumnChange.Add(3L))));
    }

    @Test
    void a_table_that_inserts_missing_rows_writes_upserts() {
        assertThat(routed.increment("count", 3).kind()).isEqualTo(Kind.UPSERT);
        assertThat(routed.set(Map.of("note", "a")).kind()).isEqualTo(Kind.UPSERT);
        assertThat(orders.set(Map.of("note", "a")).kind()).isEqualTo(Kind.UPDATE);
        assertThat(orders.upsert(Map.of("note", "a")).kind()).isEqualTo(Kind.UPSERT);
    }

    @Test
    void a_delta_wider_than_the_columns_range_is_refused() {
        refused(() -> orders.increment("count", 256))
                .hasMessageContainingAll("shop.orders", "count", "256", "between -255 and 255");
        refused(() -> orders.increment("count", 1.5)).hasMessageContainingAll("shop.orders", "count", "1.5", "whole");
    }

    @Test
    void only_numbers_are_incremented() {
        refused(() -> orders.increment("note", 1)).hasMessageContainingAll("shop.orders.note", "not a number");
        refused(() -> orders.increment("seen", 1)).hasMessageContainingAll("shop.orders.seen", "not a number");
    }

    @Test
    void max_and_min_are_for_what_has_one_order() {
        Instant now = Instant.parse("2026-01-02T03:04:05.123456789Z");

        assertThat(orders.max("seen", now))
                .isEqualTo(new Stage(
                        Kind.UPDATE,
                        Columns.of("seen", new ColumnChange.Max(Instant.parse("2026-01-02T03:04:05.123456Z")))));
        assertThat(orders.min("count", 5))
                .isEqualTo(new Stage(Kind.UPDATE, Columns.of("count", new ColumnChange.Min(5L))));
        refused(() -> orders.max("note", "a"))
                .hasMessageContainingAll("shop.orders.note", "max", "numbers, dates and times");
        refused(() -> orders.min("note", "a")).hasMessageContainingAll("shop.orders.note", "min");
    }

    @Test
    void a_text_that_is_too_long_is_refused_with_its_limit() {
        refused(() -> orders.set(Map.of("note", "abcdef")))
                .hasMessageContainingAll("shop.orders.note", "6", "at most 5");
    }

    @Test
    void a_refusal_never_shows_a_text() {
        refused(() -> orders.set(Map.of("note", "secret"))).hasMessageNotContaining("secret");
        refused(() -> orders.set(Map.of("count", "secret")))
                .hasMessageNotContaining("secret")
                .hasMessageContainingAll("shop.orders.count", "String", "whole number");
    }

    @Test
    void null_fits_only_where_the_column_allows_it() {
        assertThat(orders.set(Collections.singletonMap("note", null)))
                .isEqualTo(new Stage(Kind.UPDATE, Columns.of("note", new ColumnChange.Set(null))));
        refused(() -> orders.set(Collections.singletonMap("count", null)))
                .hasMessageContainingAll("shop.orders.count", "NOT NULL");
    }

    @Test
    void a_key_column_cannot_be_changed() {
        refused(() -> orders.set(Map.of("id", 2L))).hasMessageContainingAll("shop.orders.id", "key column");
        refused(() -> orders.upsert(Map.of("ID", 2L))).hasMessageContainingAll("shop.orders.id", "key column");
        refused(() -> orders.increment("id", 1)).hasMessageContainingAll("shop.orders.id", "key column");
        refused(() -> orders.max("id", 1)).hasMessageContainingAll("shop.orders.id", "key column");
    }

    /** PROTOCOL M4. */
    @Test
    void a_routing_column_cannot_be_changed_but_inserted() {
        refused(() -> routed.set(Map.of("shop", 2L))).hasMessageContainingAll("shop.orders.shop", "routing column");
        refused(() -> routed.increment("shop", 2L)).hasMessageContainingAll("shop.orders.shop", "routing column");
        assertThat(routed.insert(Map.of("id", 1, "shop", 2)))
                .isEqualTo(new Stage(Kind.INSERT, Columns.of("shop", new ColumnChange.Set(2L))));
        assertThat(routed.routing(2)).isEqualTo(2L);
        refused(() -> routed.routing(null)).hasMessageContainingAll("shop.orders.shop", "null");
    }

    @Test
    void a_column_of_an_unsupported_type_is_refused_by_name() {
        refused(() -> orders.set(Map.of("place", "x"))).hasMessageContainingAll("shop.orders.place", "geometry");
        refused(() -> orders.append(Map.of("place", "x"))).hasMessageContainingAll("shop.orders.place", "geometry");
    }

    @Test
    void a_key_is_canonical() {
        assertThat(orders.key(List.of(5))).isEqualTo(RowKey.of("shop.orders", List.of(5L)));
        refused(() -> orders.key(List.of("5"))).hasMessageContainingAll("shop.orders.id", "String", "whole number");
        refused(() -> orders.key(List.of(1, 2))).hasMessageContainingAll("shop.orders", "id", "2 values");
        refused(() -> orders.key(Arrays.asList((Object) null))).hasMessageContainingAll("shop.orders.id", "null");
    }

    @Test
    void a_table_without_a_key_has_no_rows_to_address() {
        TableInfo log = new TableInfo("log", List.of(), Map.of("what", column("what", WHOLE, Absent.NULL)), List.of());

        refused(() -> new TableSchema(TestTables.definition(log, MissingRow.IGNORE)).key(List.of(1)))
                .hasMessageContainingAll("log", "no primary key");
    }

    @Test
    void an_insert_needs_its_key_where_nothing_makes_one() {
        assertThat(orders.keyIn(Map.of("ID", 7, "note", "a"))).isEqualTo(RowKey.of("shop.orders", List.of(7L)));
        refused(() -> orders.keyIn(Map.of("note", "a"))).hasMessageContainingAll("shop.orders", "needs its key", "id");
    }

    @Test
    void an_insert_whose_key_the_database_makes_has_none() {
        TableInfo made = new TableInfo(
                "t",
                List.of("id"),
                Map.of("id", new Column("id", WHOLE, false, Absent.DATABASE), "n", column("n", WHOLE, Absent.NULL)),
                List.of());

        assertThat(new TableSchema(TestTables.definition(made, MissingRow.IGNORE)).keyIn(Map.of("n", 1)))
                .isNull();
    }

    @Test
    void an_insert_leaves_the_key_to_the_row_key() {
        assertThat(orders.insert(Map.of("id", 1, "count", 2)))
                .isEqualTo(new Stage(Kind.INSERT, Columns.of("count", new ColumnChange.Set(2L))));
    }

    @Test
    void an_append_is_sorted_and_normalised() {
        assertThat(orders.append(Map.of("note", "a", "COUNT", 2)))
                .containsExactly(Map.entry("count", 2L), Map.entry("note", "a"));
        refused(() -> orders.append(Map.of())).hasMessageContaining("shop.orders");
    }

    @Test
    void a_delete_names_no_columns() {
        assertThat(orders.delete()).isEqualTo(new Stage(Kind.DELETE, Columns.empty()));
    }
}
