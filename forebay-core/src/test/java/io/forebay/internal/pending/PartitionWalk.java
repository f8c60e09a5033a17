package io.forebay.internal.pending;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One partition driven by a random hand: writes, group commits, refusals, seals, releases, a restart. {@code views} of the
 * rows 0 to 9 is only incremented, so that a sum tells every loss and every double.
 */
final class PartitionWalk {
    private static final TableDefinition PAGES = TestTables.pages();
    private static final int ROWS = 10;

    private final Random random;
    private final Budget budget = new Budget("walk", BufferPolicy.DEFAULT, () -> 0, 1);
    private final Partition partition;
    private final Deque<List<Window>> swapped = new ArrayDeque<>();
    private final Map<RowKey, Long> accepted = new HashMap<>();
    private final Map<RowKey, Long> database = new HashMap<>();
    private final List<Integer> appended = new ArrayList<>();
    private final List<Integer> flushedAppends = new ArrayList<>();
    private long watermark;
    private boolean started;
    private int nextAppend;

    PartitionWalk(long seed) {
        random = new Random(seed);
        FlushPolicy policy =
                FlushPolicy.DEFAULT.withMaxRows(1 + random.nextInt(6)).withMaxBytes(200 + random.nextInt(3_000));
        List<Window> recovered = new ArrayList<>();
        int windows = random.nextInt(4);
        long known = random.nextInt(3);
        watermark = known + (windows == 0 ? 0 : random.nextInt(windows + 1));
        for (int i = 1; i <= windows; i++) {
            RowKey key = anyKey();
            long by = random.nextInt(100);
            recovered.add(
                    Window.recovered(0, known + i, 0, List.of(new PendingRow(key, List.of(plus(by)))), List.of()));
            accepted.merge(key, by, Long::sum);
            if (known + i <= watermark) database.merge(key, by, Long::sum);
        }
        partition = new Partition(0, policy, budget, name -> PAGES.info(), () -> 0, known + windows, known, recovered);
        if (windows == 0) started = true;
    }

    void run() {
        for (int step = random.nextInt(80); step > 0; step--) step();
        drain();

        accepted.values().removeIf(sum -> sum == 0);
        database.values().removeIf(sum -> sum == 0);
        assertThat(database).isEqualTo(accepted);
        assertThat(flushedAppends).isEqualTo(appended);
        assertThat(budget.rows()).as("rows in the budget").isZero();
        assertThat(budget.bytes()).as("bytes in the budget").isZero();
    }

    private void step() {
        switch (random.nextInt(12)) {
            case 0 -> swap();
            case 1, 2 -> layOldest();
            case 3 -> refuseOldest();
            case 4, 5 -> flush();
            case 6 -> append();
            case 7 -> other();
            case 8 -> read();
            default -> increment();
        }
    }

    private RowKey anyKey() {
        return RowKey.of("pages", List.of((long) random.nextInt(ROWS)));
    }

    private static Stage plus(long by) {
        return new Stage(Kind.UPSERT, Columns.of("views", new Add(by)));
    }

    private void increment() {
        RowKey key = anyKey();
        long by = random.nextInt(100);
        partition.add(new Mutation(PAGES, key, plus(by)));
        accepted.merge(key, by, Long::sum);
    }

    private void append() {
        long number = nextAppend++;
        partition.add(new PendingAppend("audit", Columns.of("n", number)));
        appended.add((int) number);
    }

    /** Rows of their own, to make batches of every shape: stages that merge, split and shrink. */
    private void other() {
        RowKey key = RowKey.of("pages", List.of(100L + random.nextInt(3)));
        Stage stage = switch (random.nextInt(3)) {
            case 0 -> new Stage(Kind.DELETE, Columns.empty());
            case 1 -> new Stage(Kind.INSERT, Columns.of("views", new Set("x".repeat(random.nextInt(50)))));
            default -> new Stage(Kind.UPDATE, Columns.of("likes", new Set("y".repeat(random.nextInt(50)))));
        };
        try {
            partition.add(new Mutation(PAGES, key, stage));
        } catch (DuplicateRowException e) {
            assertThat(stage.kind()).isEqualTo(Kind.INSERT);
        }
    }

    private void swap() {
        partition.lock();
        try {
            List<Window> windows = partition.swap();
            if (!windows.isEmpty()) swapped.add(windows);
        } finally {
            partition.unlock();
        }
    }

    private void layOldest() {
        List<Window> windows = swapped.poll();
        if (windows != null) windows.forEach(partition::lay);
    }

    private void refuseOldest() {
        List<Window> windows = swapped.poll();
        if (windows == null) return;
        for (Window window : windows) {
            partition.refuse(window, new IllegalStateException("refused"));
            window.forEachRow((key, stages) -> accepted.computeIfPresent(key, (k, sum) -> sum - views(stages)));
            for (PendingAppend append : window.appends()) appended.remove((Integer) number(append));
        }
    }

    private static int number(PendingAppend append) {
        return ((Long) append.columns().get("n")).intValue();
    }

    private static long views(List<Stage> stages) {
        long sum = 0;
        for (Stage stage : stages)
            if (stage.columns().get("views") instanceof Add add)
                sum += add.delta().longValue();
        return sum;
    }

    private void flush() {
        if (!started) {
            partition.restart(watermark, List.of(), null);
            started = true;
        }
        PendingBatch batch = partition.seal();
        if (batch == null) return;
        assertThat(batch.from()).as("no gap, no overlap").isEqualTo(watermark);
        for (PendingRow row : batch.sortedRows())
            if (accepted.containsKey(row.key())) database.merge(row.key(), views(row.stages()), Long::sum);
        for (PendingAppend append : batch.appends()) flushedAppends.add(number(append));
        watermark = batch.to();
        if (random.nextBoolean()) read();
        partition.release(batch, List.of());
    }

    private void read() {
        RowKey key = anyKey();
        long value = database.getOrDefault(key, 0L);
        for (Overlay.Slice slice : partition.overlay(key).slices())
            if (slice.to() > watermark) value += views(slice.stages());
        assertThat(value).as("%s", key).isEqualTo(accepted.getOrDefault(key, 0L));
    }

    private void drain() {
        swap();
        while (!swapped.isEmpty()) layOldest();
        do flush();
        while (partition.seal() != null);
    }
}
