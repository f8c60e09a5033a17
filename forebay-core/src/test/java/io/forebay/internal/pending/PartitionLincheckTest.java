package io.forebay.internal.pending;

import io.forebay.BufferPolicy;
import io.forebay.FlushPolicy;
import io.forebay.internal.TestTables;
import io.forebay.internal.mutation.Columns;
import io.forebay.internal.mutation.Mutation;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.Overlay;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import java.util.List;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * An increment racing a seal is in that batch or in the next: never lost, never in both. A read sees each increment
 * exactly once while it moves from the window to a batch to the database.
 */
@Tag("slow")
class PartitionLincheckTest {
    private static final TableDefinition PAGES = TestTables.pages();
    private static final RowKey HOME = RowKey.of("pages", List.of(1L));

    /** A partition, and a database that changes its row and its watermark together; at every moment one counter. */
    public static class Counter {
        private final Partition partition = new Partition(
                0,
                FlushPolicy.DEFAULT,
                new Budget("test", BufferPolicy.DEFAULT, () -> 0, 1),
                name -> PAGES.info(),
                () -> 0,
                0,
                0,
                List.of());
        private final Object journalThread = new Object();
        private final Object flushThread = new Object();
        private final Object database = new Object();
        private long value; // guarded by database
        private long watermark; // guarded by database

        @Operation
        public void increment() {
            partition.add(new Mutation(PAGES, HOME, oneMore()));
        }

        /** A group commit; there is one journal thread. */
        @Operation
        public void commitRound() {
            synchronized (journalThread) {
                List<Window> swapped;
                partition.lock();
                try {
                    swapped = partition.swap();
                } finally {
                    partition.unlock();
                }
                for (Window window : swapped) partition.lay(window);
            }
        }

        /** One turn of a flush; there is one flush thread per partition. */
        @Operation
        public void flushStep() {
            synchronized (flushThread) {
                PendingBatch batch = partition.seal();
                if (batch == null) return;
                long sum = sumOf(
                        batch.sortedRows().stream().map(PendingRow::stages).toList());
                synchronized (database) {
                    if (watermark != batch.from()) throw new IllegalStateException("a gap before " + batch.from());
                    value += sum;
                    watermark = batch.to();
                }
                partition.release(batch, List.of());
            }
        }

        /** As ExactRead does it: first the layers, then row and watermark, then the layers newer than it. */
        @Operation
        public long read() {
            while (true) {
                Overlay overlay = partition.overlay(HOME);
                long base;
                long seen;
                synchronized (database) {
                    base = value;
                    seen = watermark;
                }
                if (!covers(overlay, seen)) continue;
                return base
                        + sumOf(overlay.slices().stream()
                                .filter(slice -> slice.to() > seen)
                                .map(Overlay.Slice::stages)
                                .toList());
            }
        }

        private static boolean covers(Overlay overlay, long seen) {
            return seen >= overlay.released()
                    && overlay.slices().stream().noneMatch(slice -> slice.from() < seen && seen < slice.to());
        }
    }

    /** What the four operations amount to when nothing runs beside them. */
    public static class PlainCounter {
        private long value;

        public void increment() {
            value++;
        }

        public void commitRound() {}

        public void flushStep() {}

        public long read() {
            return value;
        }
    }

    private static Stage oneMore() {
        return new Stage(Stage.Kind.UPSERT, Columns.of("views", new ColumnChange.Add(1L)));
    }

    private static long sumOf(List<List<Stage>> rows) {
        long sum = 0;
        for (List<Stage> stages : rows)
            for (Stage stage : stages)
                sum += ((ColumnChange.Add) stage.columns().get("views")).delta().longValue();
        return sum;
    }

    /** Real threads: Lincheck's model checker spends minutes on instrumenting SecureRandom, which the seal's id needs. */
    @Test
    void many_runs_on_real_threads_are_a_counter() {
        new StressOptions()
                .iterations(15)
                .invocationsPerIteration(400)
                .minimizeFailedScenario(false)
                .threads(3)
                .actorsPerThread(4)
                .sequentialSpecification(PlainCounter.class)
                .check(Counter.class);
    }
}
