package io.forebay.internal.pending;

import io.forebay.internal.mutation.Columns;
import io.forebay.internal.mutation.Increment;
import io.forebay.internal.mutation.Merge;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is pending for one row in one layer: stages, and on top of them the running sums of counters, so that another
 * increment is one addition in place. Sums become stages as soon as anything else is written to the row; until then their
 * order does not matter, because additions to different columns commute. Guarded by its layer.
 */
final class RowChanges {
    private List<Stage> stages = List.of();
    private @Nullable Counter counters; // in the order of their first increments
    private long bytes;

    RowChanges(RowKey key) {
        bytes = Footprint.of(key);
    }

    /** Estimated bytes, those of the key included. */
    long bytes() {
        return bytes;
    }

    /** The stages with the counters merged into them. Changes nothing. */
    List<Stage> stages() {
        List<Stage> result = stages;
        for (Counter counter = counters; counter != null; counter = counter.next)
            result = Merge.append(
                    result, new Stage(counter.kind, Columns.of(counter.column, new Add(counter.sum))), counter.table);
        return result;
    }

    void increment(Increment increment) {
        if (!added(increment.kind(), increment.column(), increment.delta())) count(Counter.of(increment));
    }

    /** Returns whether a counter took it. */
    private boolean added(Stage.Kind kind, String column, long delta) {
        for (Counter counter = counters; counter != null; counter = counter.next) {
            if (counter.kind != kind || !counter.column.equals(column)) continue;
            long sum = counter.sum + delta;
            boolean overflown = ((counter.sum ^ sum) & (delta ^ sum)) < 0;
            if (overflown) return false;
            counter.sum = sum;
            return true;
        }
        return false;
    }

    /** Counts a column that is not counted yet, or whose sum no longer fits. */
    private void count(Counter counter) {
        if (counters != null && (counters.kind != counter.kind || counts(counter.column))) settle(stages());
        bytes += Footprint.COUNTER;
        if (counters == null) {
            counters = counter;
            return;
        }
        Counter last = counters;
        while (last.next != null) last = last.next;
        last.next = counter;
    }

    private boolean counts(String column) {
        for (Counter counter = counters; counter != null; counter = counter.next)
            if (counter.column.equals(column)) return true;
        return false;
    }

    void append(List<Stage> newer, TableInfo table) {
        settle(Merge.append(stages(), newer, table));
    }

    void append(Stage newer, TableInfo table) {
        settle(Merge.append(stages(), newer, table));
    }

    /** Sets stages in place of everything there was. */
    void settle(List<Stage> settled) {
        for (Counter counter = counters; counter != null; counter = counter.next) bytes -= Footprint.COUNTER;
        bytes += Footprint.of(settled) - Footprint.of(stages);
        counters = null;
        stages = settled;
    }

    /** Puts newer changes of the same row on top of these. */
    void append(RowChanges newer, TableInfo table) {
        if (!newer.stages.isEmpty()) append(newer.stages, table);
        for (Counter counter = newer.counters; counter != null; counter = counter.next)
            if (!added(counter.kind, counter.column, counter.sum)) count(counter.copy());
    }
}
