package io.forebay.testkit.crash;

import io.forebay.testkit.crash.WriteScript.Write;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What the writes of one writer come to, carried out one by one. Not thread-safe. */
final class WriterModel {
    private final Map<Long, Values> rows = new TreeMap<>();
    private final Set<Long> audit = new TreeSet<>();
    private final long[] hot = new long[WriteScript.HOT_ROWS];

    /** The columns of one row; null is NULL. */
    record Values(
            @Nullable Long hits,
            @Nullable Long peak,
            @Nullable Long lastWrite,
            @Nullable String note) {
        static final Values EMPTY = new Values(null, null, null, null);
    }

    void apply(Write write) {
        switch (write.kind()) {
            case AUDIT -> audit.add(write.number());
            case HOT -> hot[(int) write.row()] += write.amount();
            case GROUP -> {
                audit.add(write.number());
                increment(write.row(), write);
                increment(write.otherRow(), write);
            }
            case DELETE -> rows.remove(write.row());
            case INCREMENT -> increment(write.row(), write);
            default -> rows.put(write.row(), changed(row(write.row()), write));
        }
    }

    private void increment(long row, Write write) {
        Values old = row(row);
        long before = old.hits() == null ? 0 : old.hits();
        rows.put(row, new Values(before + write.amount(), old.peak(), old.lastWrite(), old.note()));
    }

    private Values row(long row) {
        return rows.getOrDefault(row, Values.EMPTY);
    }

    private static Values changed(Values old, Write write) {
        long number = write.number();
        return switch (write.kind()) {
            case MAX -> new Values(old.hits(), number, old.lastWrite(), old.note());
            case SET -> new Values(old.hits(), old.peak(), number, old.note());
            case UPSERT -> new Values(old.hits(), old.peak(), number, write.note());
            case INSERT -> new Values(write.amount(), old.peak(), number, write.note());
            default -> throw new IllegalArgumentException("not a change of a row: " + write);
        };
    }

    Map<Long, Values> rows() {
        return rows;
    }

    Set<Long> audit() {
        return audit;
    }

    long hot(int row) {
        return hot[row];
    }
}
