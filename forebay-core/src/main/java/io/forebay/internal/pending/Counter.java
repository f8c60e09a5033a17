package io.forebay.internal.pending;

import io.forebay.internal.mutation.Increment;
import io.forebay.spi.Stage.Kind;
import io.forebay.spi.TableInfo;
import org.jspecify.annotations.Nullable;

/** The running sum of one whole-number column of a row, and the next of the row's counters. */
final class Counter {
    final TableInfo table;
    final Kind kind;
    final String column;
    long sum;

    @Nullable
    Counter next;

    private Counter(TableInfo table, Kind kind, String column, long sum) {
        this.table = table;
        this.kind = kind;
        this.column = column;
        this.sum = sum;
    }

    static Counter of(Increment increment) {
        return new Counter(increment.table().info(), increment.kind(), increment.column(), increment.delta());
    }

    Counter copy() {
        return new Counter(table, kind, column, sum);
    }
}
