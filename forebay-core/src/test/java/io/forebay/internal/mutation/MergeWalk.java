package io.forebay.internal.mutation;

import static io.forebay.internal.TestTables.WHOLE;
import static io.forebay.internal.TestTables.column;
import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.internal.TestTables;
import io.forebay.spi.Column.Absent;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.Stage;
import io.forebay.spi.Stage.Kind;
import io.forebay.spi.TableInfo;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;

/** A random sequence of stages that nothing refuses, one at a time against merged in random groups. */
final class MergeWalk {
    private static final TableInfo TABLE = TestTables.info(
            "t", column("n", WHOLE, Absent.NULL), column("z", WHOLE, Absent.ZERO), column("d", WHOLE, Absent.DATABASE));
    private static final List<String> NAMES = List.of("n", "z", "d");

    private final Random random;
    private final Map<String, BigInteger> start;
    private final List<Stage> stages = new ArrayList<>();
    private final RowModel expected;

    MergeWalk(long seed) {
        random = new Random(seed);
        start = random.nextBoolean() ? null : startRow();
        expected = new RowModel(TABLE, start);
        int length = 1 + random.nextInt(12);
        while (stages.size() < length) {
            Stage next = stage();
            if (next.kind() == Kind.INSERT && expected.exists()) continue;
            expected.apply(next);
            stages.add(next);
        }
    }

    /** Several batches one after the other, each merged in an order of its own. */
    void run() {
        RowModel database = new RowModel(TABLE, start);
        List<List<Stage>> batches = new ArrayList<>();
        int from = 0;
        while (from < stages.size()) {
            int to = from + 1 + random.nextInt(stages.size() - from);
            batches.add(merge(from, to));
            from = to;
        }
        for (List<Stage> batch : batches) database.apply(batch);

        assertThat(database.row()).as("%s on %s as %s", stages, start, batches).isEqualTo(expected.row());
        assertThat(database.refusals())
                .as("%s on %s as %s", stages, start, batches)
                .isZero();
        compareApply(merge(0, stages.size()));
    }

    List<Stage> merged() {
        return merge(0, stages.size());
    }

    private List<Stage> merge(int from, int to) {
        if (to - from == 1) return List.of(stages.get(from));
        int split = from + 1 + random.nextInt(to - from - 1);
        return Merge.append(merge(from, split), merge(split, to), TABLE);
    }

    /** The read side agrees with the model as well, where it needs no default of the database. */
    private void compareApply(List<Stage> merged) {
        Map<String, Object> row = null;
        if (start != null) {
            row = new HashMap<>();
            row.put("id", 1L);
            for (String name : NAMES)
                row.put(name, start.get(name) == null ? null : start.get(name).longValue());
        }
        Optional<Map<String, Object>> read;
        try {
            read = Apply.stages(Optional.ofNullable(row), merged, List.of(1L), TABLE);
        } catch (UnknownDefaultException e) {
            assertThat(merged.toString()).contains("d=");
            return;
        }
        assertThat(read.isPresent()).as("%s on %s", merged, start).isEqualTo(expected.exists());
        if (read.isEmpty()) return;
        for (String name : NAMES) {
            if (!read.get().containsKey(name)) {
                assertThat(expected.row().get(name)).isEqualTo(BigInteger.valueOf(RowModel.DATABASE_DEFAULT));
                continue;
            }
            Object value = read.get().get(name);
            assertThat(value == null ? null : RowModel.big(value))
                    .as("%s of %s on %s", name, merged, start)
                    .isEqualTo(expected.row().get(name));
        }
    }

    private Map<String, BigInteger> startRow() {
        Map<String, BigInteger> row = new TreeMap<>();
        for (String name : NAMES) row.put(name, random.nextInt(4) == 0 ? null : BigInteger.valueOf(number()));
        return row;
    }

    private Stage stage() {
        Kind kind = Kind.values()[random.nextInt(Kind.values().length)];
        if (kind == Kind.DELETE) return new Stage(kind, Columns.empty());
        Map<String, ColumnChange> columns = new TreeMap<>();
        for (String name : NAMES) if (random.nextBoolean()) columns.put(name, change(kind));
        return new Stage(kind, Columns.copyOf(columns));
    }

    private ColumnChange change(Kind kind) {
        boolean setsOnly = kind == Kind.INSERT || kind == Kind.REPLACE;
        return switch (setsOnly ? 0 : random.nextInt(5)) {
            case 0 -> new ColumnChange.Set(random.nextInt(5) == 0 ? null : number());
            case 1 -> new ColumnChange.Max(number());
            case 2 -> new ColumnChange.Min(number());
            default -> new ColumnChange.Add(number());
        };
    }

    private Long number() {
        return switch (random.nextInt(20)) {
            case 0 -> Long.MAX_VALUE - random.nextInt(3);
            case 1 -> Long.MIN_VALUE + random.nextInt(3);
            default -> (long) random.nextInt(31) - 15;
        };
    }
}
