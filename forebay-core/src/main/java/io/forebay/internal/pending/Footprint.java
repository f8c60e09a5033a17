package io.forebay.internal.pending;

import io.forebay.spi.Bytes;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.ColumnChange.Max;
import io.forebay.spi.ColumnChange.Min;
import io.forebay.spi.ColumnChange.Operations;
import io.forebay.spi.ColumnChange.Set;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Estimates what pending rows take in memory, from above: objects of a 64-bit JVM with compressed pointers. */
final class Footprint {
    /** Entry in a map, the row's holder, key and list. */
    private static final int ROW = 160;

    private static final int STAGE = 72;
    private static final int CHANGE = 48;

    /** A counter, as it is and as the stage it becomes. */
    static final int COUNTER = STAGE + CHANGE + 24;

    private Footprint() {}

    static long of(RowKey key) {
        long bytes = ROW;
        for (Object value : key.values()) bytes += of(value);
        return bytes;
    }

    static long of(List<Stage> stages) {
        long bytes = 0;
        for (int i = 0; i < stages.size(); i++) bytes += of(stages.get(i));
        return bytes;
    }

    private static long of(Stage stage) {
        long bytes = STAGE;
        for (ColumnChange change : stage.columns().values()) bytes += CHANGE + of(value(change));
        return bytes;
    }

    static long of(PendingAppend append) {
        long bytes = ROW;
        for (Object value : append.columns().values()) bytes += 8 + of(value);
        return bytes;
    }

    private static @Nullable Object value(ColumnChange change) {
        if (change instanceof Set set) return set.value();
        if (change instanceof Max max) return max.value();
        if (change instanceof Min min) return min.value();
        if (change instanceof Operations operations) return operations.content();
        return ((Add) change).delta();
    }

    private static long of(@Nullable Object value) {
        if (value instanceof String text) return 48 + 2L * text.length();
        if (value instanceof Bytes bytes) return 40 + (long) bytes.size();
        return value == null ? 0 : 24;
    }
}
