package io.forebay.internal.mutation;

import static io.forebay.internal.TestTables.WHOLE;
import static io.forebay.internal.TestTables.column;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** DESIGN §5 line by line, and PROTOCOL M1: no two mutations become one stage that the row's existence could tell apart. */
class MergeTest {
    private static final TableInfo TABLE = TestTables.info(
            "t",
            column("n", WHOLE, Absent.NULL),
            column("z", WHOLE, Absent.ZERO),
            column("d", WHOLE, Absent.DATABASE),
            column("m", new ColumnType.Decimal(0, 0), Absent.NULL),
            column("f", new ColumnType.Floating(false), Absent.NULL));

    private static Stage stage(Kind kind, String column, ColumnChange change) {
        return new Stage(kind, Columns.of(column, change));
    }

    private static Stage bare(Kind kind) {
        return new Stage(kind, Columns.empty());
    }

    private static List<Stage> merged(Stage... stages) {
        return Merge.append(List.of(), List.of(stages), TABLE);
    }

    private static ColumnChange mergedUpdate(String column, ColumnChange... changes) {
        List<Stage> result = merged(
                Arrays.stream(changes).map(c -> stage(Kind.UPDATE, column, c)).toArray(Stage[]::new));
        assertThat(result).hasSize(1);
        return result.get(0).columns().get(column);
    }

    private static String kinds(List<Stage> stages) {
        return stages.stream().map(stage -> stage.kind().name()).collect(Collectors.joining(" "));
    }

    // ---- which stages become one

    @ParameterizedTest
    @CsvSource({
        "UPDATE,  UPDATE,  UPDATE",
        "UPDATE,  UPSERT,  UPDATE UPSERT",
        "UPDATE,  INSERT,  UPDATE INSERT",
        "UPDATE,  DELETE,  DELETE",
        "UPDATE,  REPLACE, REPLACE",
        "UPSERT,  UPDATE,  UPSERT",
        "UPSERT,  UPSERT,  UPSERT",
        "UPSERT,  INSERT,  UPSERT INSERT",
        "UPSERT,  DELETE,  DELETE",
        "UPSERT,  REPLACE, REPLACE",
        "INSERT,  UPDATE,  INSERT",
        "INSERT,  UPSERT,  INSERT UPSERT",
        "INSERT,  INSERT,  INSERT INSERT",
        "INSERT,  DELETE,  DELETE",
        "INSERT,  REPLACE, REPLACE",
        "DELETE,  UPDATE,  DELETE UPDATE",
        "DELETE,  UPSERT,  REPLACE",
        "DELETE,  INSERT,  REPLACE",
        "DELETE,  DELETE,  DELETE",
        "DELETE,  REPLACE, REPLACE",
        "REPLACE, UPDATE,  REPLACE",
        "REPLACE, UPSERT,  REPLACE",
        "REPLACE, INSERT,  REPLACE INSERT",
        "REPLACE, DELETE,  DELETE",
        "REPLACE, REPLACE, REPLACE",
    })
    void two_stages_become_one_only_if_the_row_need_not_be_known(Kind older, Kind newer, String expected) {
        Stage first = older == Kind.DELETE ? bare(older) : stage(older, "n", new Set(1L));
        Stage second = newer == Kind.DELETE ? bare(newer) : stage(newer, "d", new Set(2L));

        assertThat(kinds(merged(first, second))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "INSERT,  UPDATE, n, INSERT,  INSERT",
        "INSERT,  UPDATE, z, INSERT,  INSERT UPDATE",
        "INSERT,  UPDATE, d, INSERT UPDATE, INSERT UPDATE",
        "REPLACE, UPDATE, n, REPLACE, REPLACE",
        "REPLACE, UPDATE, z, REPLACE, REPLACE UPDATE",
        "REPLACE, UPDATE, d, REPLACE UPDATE, REPLACE UPDATE",
        "REPLACE, UPSERT, n, REPLACE, REPLACE",
        "REPLACE, UPSERT, z, REPLACE, REPLACE UPSERT",
        "REPLACE, UPSERT, d, REPLACE UPSERT, REPLACE UPSERT",
        "UPSERT,  UPDATE, n, UPSERT,  UPSERT",
        "UPSERT,  UPDATE, z, UPSERT,  UPSERT UPDATE",
        "UPSERT,  UPDATE, d, UPSERT UPDATE, UPSERT UPDATE",
        "UPSERT,  UPSERT, n, UPSERT,  UPSERT",
        "UPSERT,  UPSERT, z, UPSERT,  UPSERT UPSERT",
        "UPSERT,  UPSERT, d, UPSERT UPSERT, UPSERT UPSERT",
        "UPDATE,  UPDATE, n, UPDATE,  UPDATE",
        "UPDATE,  UPDATE, z, UPDATE,  UPDATE",
        "UPDATE,  UPDATE, d, UPDATE,  UPDATE",
    })
    void a_change_of_a_column_the_new_row_did_not_name_waits_for_its_default(
            Kind older, Kind newer, String column, String afterAdd, String afterMax) {
        Stage first = stage(older, "m", new Set(BigDecimal.ONE));

        assertThat(kinds(merged(first, stage(newer, column, new Add(-5L))))).isEqualTo(afterAdd);
        assertThat(kinds(merged(first, stage(newer, column, new Max(-5L))))).isEqualTo(afterMax);
        assertThat(kinds(merged(first, stage(newer, column, new Min(5L))))).isEqualTo(afterMax);
    }

    @Test
    void a_set_never_depends_on_a_default() {
        for (Kind older : List.of(Kind.INSERT, Kind.REPLACE, Kind.UPSERT))
            assertThat(merged(stage(older, "n", new Set(1L)), stage(Kind.UPDATE, "d", new Set(2L))))
                    .containsExactly(new Stage(older, Columns.copyOf(Map.of("n", new Set(1L), "d", new Set(2L)))));
    }

    /** PROTOCOL M1: on a present row +1 and the insert is refused, on an absent one the reverse. */
    @Test
    void an_insert_after_an_increment_is_a_new_stage() {
        List<Stage> result = merged(stage(Kind.UPDATE, "n", new Add(1L)), stage(Kind.INSERT, "n", new Set(7L)));

        assertThat(result).containsExactly(stage(Kind.UPDATE, "n", new Add(1L)), stage(Kind.INSERT, "n", new Set(7L)));
    }

    @Test
    void an_insert_after_a_set_is_a_new_stage() {
        assertThat(kinds(merged(stage(Kind.UPDATE, "n", new Set(1L)), stage(Kind.INSERT, "n", new Set(7L)))))
                .isEqualTo("UPDATE INSERT");
    }

    @Test
    void an_insert_after_an_insert_is_left_for_the_database_to_refuse() {
        assertThat(kinds(merged(stage(Kind.INSERT, "n", new Set(1L)), stage(Kind.INSERT, "n", new Set(2L)))))
                .isEqualTo("INSERT INSERT");
    }

    @Test
    void an_insert_after_a_delete_is_a_replace() {
        assertThat(merged(bare(Kind.DELETE), stage(Kind.INSERT, "n", new Set(1L))))
                .containsExactly(stage(Kind.REPLACE, "n", new Set(1L)));
    }

    @Test
    void a_delete_absorbs_every_stage_before_it() {
        List<Stage> result = merged(
                stage(Kind.UPDATE, "n", new Add(1L)),
                stage(Kind.INSERT, "n", new Set(2L)),
                stage(Kind.UPSERT, "n", new Add(3L)),
                bare(Kind.DELETE));

        assertThat(result).containsExactly(bare(Kind.DELETE));
    }

    @Test
    void a_set_or_an_increment_after_a_delete_meets_a_missing_row() {
        assertThat(kinds(merged(bare(Kind.DELETE), stage(Kind.UPDATE, "n", new Set(1L)))))
                .isEqualTo("DELETE UPDATE");
        assertThat(kinds(merged(bare(Kind.DELETE), stage(Kind.UPDATE, "n", new Add(1L)))))
                .isEqualTo("DELETE UPDATE");
    }

    @Test
    void an_upsert_after_a_delete_counts_from_nothing() {
        assertThat(merged(bare(Kind.DELETE), stage(Kind.UPSERT, "n", new Add(4L))))
                .containsExactly(stage(Kind.REPLACE, "n", new Set(4L)));
    }

    @Test
    void changes_after_an_insert_change_the_values_it_inserts() {
        List<Stage> result = merged(
                stage(Kind.INSERT, "n", new Set(1L)),
                stage(Kind.UPDATE, "n", new Add(2L)),
                stage(Kind.UPDATE, "z", new Add(5L)),
                stage(Kind.UPDATE, "n", new Max(10L)));

        assertThat(result)
                .containsExactly(new Stage(Kind.INSERT, Columns.copyOf(Map.of("n", new Set(10L), "z", new Set(5L)))));
    }

    @Test
    void a_merge_looks_only_at_the_last_stage() {
        List<Stage> older = List.of(stage(Kind.UPDATE, "n", new Add(1L)), stage(Kind.INSERT, "n", new Set(2L)));

        assertThat(Merge.append(older, stage(Kind.UPDATE, "n", new Add(3L)), TABLE))
                .containsExactly(stage(Kind.UPDATE, "n", new Add(1L)), stage(Kind.INSERT, "n", new Set(5L)));
    }

    @Test
    void a_merge_leaves_its_arguments_alone() {
        List<Stage> older = List.of(stage(Kind.UPDATE, "n", new Add(1L)));
        List<Stage> newer = List.of(stage(Kind.UPDATE, "n", new Add(2L)));

        Merge.append(older, newer, TABLE);

        assertThat(older).containsExactly(stage(Kind.UPDATE, "n", new Add(1L)));
        assertThat(newer).containsExactly(stage(Kind.UPDATE, "n", new Add(2L)));
    }

    @Test
    void a_column_that_is_gone_from_the_table_is_kept_for_the_database_to_refuse() {
        List<Stage> result = merged(stage(Kind.UPDATE, "n", new Add(1L)), stage(Kind.UPDATE, "gone", new Add(2L)));

        assertThat(result)
                .containsExactly(stage(Kind.UPDATE, "n", new Add(1L)), stage(Kind.UPDATE, "gone", new Add(2L)));
    }

    // ---- which changes of one column become one

    @Test
    void increments_add_up() {
        assertThat(mergedUpdate("n", new Add(2L), new Add(3L), new Add(-1L))).isEqualTo(new Add(4L));
    }

    @Test
    void a_sum_of_increments_is_exact_beyond_long() {
        BigDecimal twice = BigDecimal.valueOf(Long.MAX_VALUE).multiply(BigDecimal.valueOf(2));

        assertThat(mergedUpdate("n", new Add(Long.MAX_VALUE), new Add(Long.MAX_VALUE)))
                .isEqualTo(new Add(twice));
        assertThat(mergedUpdate("n", new Add(Long.MIN_VALUE), new Add(-1L)))
                .isEqualTo(new Add(BigDecimal.valueOf(Long.MIN_VALUE).subtract(BigDecimal.ONE)));
    }

    @Test
    void a_sum_that_left_long_comes_back() {
        Add sum = (Add) mergedUpdate("n", new Add(Long.MAX_VALUE), new Add(1L), new Add(-1L));

        assertThat(new BigDecimal(sum.delta().toString())).isEqualByComparingTo(BigDecimal.valueOf(Long.MAX_VALUE));
        assertThat(mergedUpdate("n", new Set(Long.MAX_VALUE), new Add(1L), new Add(-1L)))
                .isEqualTo(new Set(Long.MAX_VALUE));
    }

    @Test
    void decimals_add_up_exactly() {
        assertThat(mergedUpdate("m", new Add(new BigDecimal("0.1")), new Add(new BigDecimal("0.2"))))
                .isEqualTo(new Add(new BigDecimal("0.3")));
        assertThat(mergedUpdate("m", new Set(new BigDecimal("0.5")), new Add(new BigDecimal("0.5"))))
                .isEqualTo(new Set(BigDecimal.ONE));
    }

    @Test
    void doubles_add_up_as_doubles() {
        assertThat(mergedUpdate("f", new Add(0.1), new Add(0.2))).isEqualTo(new Add(0.1 + 0.2));
        assertThat(mergedUpdate("f", new Set(1.5), new Add(0.25))).isEqualTo(new Set(1.75));
    }

    @Test
    void a_float_is_rounded_to_its_column() {
        TableInfo floats = TestTables.info("t", column("f", new ColumnType.Floating(true), Absent.NULL));
        double tenth = (double) 0.1f;

        List<Stage> result = Merge.append(
                List.of(stage(Kind.UPDATE, "f", new Set(tenth))), stage(Kind.UPDATE, "f", new Add(tenth)), floats);

        assertThat(result).containsExactly(stage(Kind.UPDATE, "f", new Set((double) (0.1f + 0.1f))));
    }

    @Test
    void the_largest_max_and_the_smallest_min_win() {
        assertThat(mergedUpdate("n", new Max(1L), new Max(3L), new Max(2L))).isEqualTo(new Max(3L));
        assertThat(mergedUpdate("n", new Min(2L), new Min(1L), new Min(3L))).isEqualTo(new Min(1L));
    }

    @Test
    void a_set_overwrites_whatever_was_before() {
        for (ColumnChange before : List.of(new Set(1L), new Add(1L), new Max(1L), new Min(1L)))
            assertThat(mergedUpdate("n", before, new Set(9L))).isEqualTo(new Set(9L));
    }

    @Test
    void what_follows_a_set_changes_its_value() {
        assertThat(mergedUpdate("n", new Set(5L), new Add(2L))).isEqualTo(new Set(7L));
        assertThat(mergedUpdate("n", new Set(5L), new Max(2L))).isEqualTo(new Set(5L));
        assertThat(mergedUpdate("n", new Set(5L), new Max(8L))).isEqualTo(new Set(8L));
        assertThat(mergedUpdate("n", new Set(5L), new Min(2L))).isEqualTo(new Set(2L));
    }

    @Test
    void what_follows_a_null_counts_from_nothing() {
        assertThat(mergedUpdate("n", new Set(null), new Add(2L))).isEqualTo(new Set(2L));
        assertThat(mergedUpdate("n", new Set(null), new Max(-2L))).isEqualTo(new Set(-2L));
        assertThat(mergedUpdate("n", new Set(null), new Min(2L))).isEqualTo(new Set(2L));
        assertThat(mergedUpdate("n", new Add(2L), new Set(null))).isEqualTo(new Set(null));
    }

    @Test
    void different_columns_do_not_meet() {
        assertThat(merged(stage(Kind.UPDATE, "n", new Set(1L)), stage(Kind.UPDATE, "z", new Add(2L))))
                .containsExactly(new Stage(Kind.UPDATE, Columns.copyOf(Map.of("n", new Set(1L), "z", new Add(2L)))));
    }

    @Test
    void different_operators_on_one_column_are_stages() {
        List<ColumnChange> operators = List.of(new Add(1L), new Max(1L), new Min(1L));
        for (ColumnChange older : operators)
            for (ColumnChange newer : operators)
                assertThat(merged(stage(Kind.UPDATE, "n", older), stage(Kind.UPDATE, "n", newer)))
                        .hasSize(older.getClass() == newer.getClass() ? 1 : 2);
    }

    // ---- against the model

    /** Every pair of kinds and changes, on every column, on absent and present rows. */
    @ParameterizedTest
    @EnumSource(Kind.class)
    void every_pair_does_what_its_two_stages_do(Kind olderKind) {
        int compared = 0;
        for (Kind newerKind : Kind.values())
            for (String older : List.of("n", "z", "d"))
                for (String newer : List.of("n", "z", "d"))
                    for (ColumnChange first : changes(olderKind))
                        for (ColumnChange second : changes(newerKind))
                            for (Map<String, BigInteger> row : rows())
                                if (agrees(one(olderKind, older, first), one(newerKind, newer, second), row))
                                    compared++;

        assertThat(compared).isGreaterThan(100);
    }

    private static boolean agrees(Stage older, Stage newer, Map<String, BigInteger> row) {
        RowModel model = new RowModel(TABLE, row).apply(older).apply(newer);
        if (model.refusals() > 0) return false;

        List<Stage> merged = merged(older, newer);
        RowModel result = new RowModel(TABLE, row).apply(merged);

        assertThat(result.row())
                .as("%s then %s on %s became %s", older, newer, row, merged)
                .isEqualTo(model.row());
        return true;
    }

    private static Stage one(Kind kind, String column, ColumnChange change) {
        return change == null ? bare(kind) : stage(kind, column, change);
    }

    private static List<ColumnChange> changes(Kind kind) {
        List<ColumnChange> changes = new ArrayList<>();
        if (kind != Kind.UPDATE) changes.add(null);
        if (kind == Kind.DELETE) return changes;
        changes.addAll(List.of(new Set(3L), new Set(null), new Set(12L)));
        if (kind == Kind.UPDATE || kind == Kind.UPSERT)
            changes.addAll(List.of(new Add(2L), new Max(-4L), new Max(20L), new Min(-4L), new Min(20L)));
        return changes;
    }

    private static List<Map<String, BigInteger>> rows() {
        List<Map<String, BigInteger>> rows = new ArrayList<>();
        rows.add(null);
        rows.add(row(null, null, null));
        rows.add(row(7L, -7L, 15L));
        return rows;
    }

    private static Map<String, BigInteger> row(Long n, Long z, Long d) {
        Map<String, BigInteger> row = new TreeMap<>();
        row.put("n", n == null ? null : BigInteger.valueOf(n));
        row.put("z", z == null ? null : BigInteger.valueOf(z));
        row.put("d", d == null ? null : BigInteger.valueOf(d));
        row.put("m", null);
        row.put("f", null);
        return row;
    }

    @Test
    void any_grouping_that_keeps_order_gives_the_same_row() {
        for (long seed = 0; seed < 20_000; seed++) {
            try {
                new MergeWalk(seed).run();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
            }
        }
    }

    @Test
    void a_new_row_is_made_of_sets_only() {
        for (long seed = 0; seed < 5_000; seed++) {
            List<Stage> stages = new MergeWalk(seed).merged();
            for (Stage stage : stages)
                if (stage.kind() == Kind.INSERT || stage.kind() == Kind.REPLACE)
                    assertThat(stage.columns().values())
                            .as("seed %d: %s", seed, stages)
                            .allMatch(Set.class::isInstance);
        }
    }

    @Test
    void a_merge_is_a_pure_function() {
        Map<String, ColumnChange> given = new HashMap<>(Map.of("n", new Add(1L)));
        Stage first = new Stage(Kind.UPDATE, given);
        List<Stage> once = merged(first, stage(Kind.UPDATE, "n", new Add(1L)));

        assertThat(merged(first, stage(Kind.UPDATE, "n", new Add(1L)))).isEqualTo(once);
        assertThat(given).containsExactly(Map.entry("n", new Add(1L)));
    }
}
