package io.forebay.internal.pending;

import static io.forebay.internal.TestTables.WHOLE;
import static io.forebay.internal.TestTables.column;
import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.MissingRow;
import io.forebay.internal.TestTables;
import io.forebay.internal.mutation.Columns;
import io.forebay.internal.mutation.Increment;
import io.forebay.internal.mutation.RowModel;
import io.forebay.spi.Column.Absent;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.ColumnChange.Max;
import io.forebay.spi.ColumnChange.Set;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.Stage.Kind;
import io.forebay.spi.TableDefinition;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Counters on top of stages: the same row as one stage at a time. PROTOCOL M1. */
class RowChangesTest {
    private static final TableDefinition TABLE = TestTables.definition(
            TestTables.info(
                    "t",
                    column("n", WHOLE, Absent.NULL),
                    column("z", WHOLE, Absent.ZERO),
                    column("d", WHOLE, Absent.DATABASE)),
            MissingRow.INSERT);
    private static final RowKey KEY = RowKey.of("t", List.of(1L));
    private static final List<String> NAMES = List.of("n", "z", "d");

    private final RowChanges changes = new RowChanges(KEY);

    private static Increment plus(Kind kind, String column, long delta) {
        return new Increment(TABLE, KEY, kind, column, delta);
    }

    private static Stage stage(Increment increment) {
        return new Stage(increment.kind(), Columns.of(increment.column(), new Add(increment.delta())));
    }

    @Test
    void another_increment_is_added_in_place_and_takes_no_more_room() {
        changes.increment(plus(Kind.UPSERT, "n", 2));
        long before = changes.bytes();
        changes.increment(plus(Kind.UPSERT, "n", 3));

        assertThat(changes.stages()).containsExactly(stage(plus(Kind.UPSERT, "n", 5)));
        assertThat(changes.bytes()).isEqualTo(before);
    }

    @Test
    void counters_of_one_row_become_one_stage() {
        changes.increment(plus(Kind.UPDATE, "n", 2));
        changes.increment(plus(Kind.UPDATE, "z", 3));
        changes.increment(plus(Kind.UPDATE, "n", 1));

        assertThat(changes.stages())
                .containsExactly(new Stage(Kind.UPDATE, Columns.copyOf(Map.of("n", new Add(3L), "z", new Add(3L)))));
    }

    @Test
    void a_sum_that_outgrows_a_long_stays_exact() {
        changes.increment(plus(Kind.UPDATE, "n", Long.MAX_VALUE));
        changes.increment(plus(Kind.UPDATE, "n", Long.MAX_VALUE));

        assertThat(changes.stages())
                .containsExactly(new Stage(
                        Kind.UPDATE,
                        Columns.of(
                                "n", new Add(BigDecimal.valueOf(Long.MAX_VALUE).multiply(BigDecimal.valueOf(2))))));
    }

    @Test
    void a_set_after_increments_takes_their_place() {
        changes.increment(plus(Kind.UPDATE, "n", 2));
        changes.append(new Stage(Kind.UPDATE, Columns.of("n", new Set(7L))), TABLE.info());
        changes.increment(plus(Kind.UPDATE, "n", 1));

        assertThat(changes.stages()).containsExactly(new Stage(Kind.UPDATE, Columns.of("n", new Set(8L))));
    }

    @Test
    void laying_newer_counters_leaves_them_as_they_were() {
        RowChanges newer = new RowChanges(KEY);
        newer.increment(plus(Kind.UPDATE, "n", 5));
        changes.append(newer, TABLE.info());
        changes.increment(plus(Kind.UPDATE, "n", 1));

        assertThat(newer.stages()).containsExactly(stage(plus(Kind.UPDATE, "n", 5)));
        assertThat(changes.stages()).containsExactly(stage(plus(Kind.UPDATE, "n", 6)));
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(longs = 40)
    void random_writes_in_random_layers_give_the_row_that_one_at_a_time_gives(Long start) {
        Map<String, BigInteger> row = start == null
                ? null
                : Map.of("n", BigInteger.valueOf(start), "z", BigInteger.ZERO, "d", BigInteger.ONE);
        for (long seed = 0; seed < 5_000; seed++) walk(new Random(seed), row);
    }

    private static void walk(Random random, Map<String, BigInteger> start) {
        RowModel expected = new RowModel(TABLE.info(), start);
        RowChanges older = new RowChanges(KEY);
        RowChanges layer = new RowChanges(KEY);
        List<Stage> written = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Stage next = random.nextInt(3) > 0 ? increment(random, layer) : other(random, layer);
            expected.apply(next);
            written.add(next);
            if (random.nextInt(4) > 0) continue;
            older.append(layer, TABLE.info());
            layer = new RowChanges(KEY);
        }
        older.append(layer, TABLE.info());

        RowModel actual = new RowModel(TABLE.info(), start).apply(older.stages());
        assertThat(actual.row()).as("%s as %s", written, older.stages()).isEqualTo(expected.row());
    }

    private static Stage increment(Random random, RowChanges layer) {
        Kind kind = random.nextInt(4) == 0 ? Kind.UPDATE : Kind.UPSERT;
        long delta = random.nextInt(10) == 0 ? Long.MAX_VALUE - random.nextInt(5) : random.nextInt(41) - 20;
        Increment increment = plus(kind, NAMES.get(random.nextInt(3)), delta);
        layer.increment(increment);
        return stage(increment);
    }

    private static Stage other(Random random, RowChanges layer) {
        String name = NAMES.get(random.nextInt(3));
        Stage stage = switch (random.nextInt(4)) {
            case 0 -> new Stage(Kind.DELETE, Columns.empty());
            case 1 -> new Stage(Kind.UPSERT, Columns.of(name, new Set((long) random.nextInt(9))));
            case 2 -> new Stage(Kind.UPDATE, Columns.of(name, new Max((long) random.nextInt(9))));
            default -> new Stage(Kind.UPSERT, Columns.of(name, new Add((long) random.nextInt(9))));
        };
        layer.append(stage, TABLE.info());
        return stage;
    }
}
