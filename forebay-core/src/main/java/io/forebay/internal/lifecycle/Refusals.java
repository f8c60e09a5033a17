package io.forebay.internal.lifecycle;

import io.forebay.spi.ColumnChange;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.PendingAppend;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Finds a write among dead letters: by its row, or, if it has no key, by its values, the only identity it has. */
final class Refusals {
    private Refusals() {}

    static boolean isOf(Write write, DeadLetter letter) {
        if (write instanceof Write.ToRow row)
            return Objects.equals(row.mutation().key(), letter.key());
        if (write instanceof Write.Counted counted)
            return Objects.equals(counted.increment().key(), letter.key());
        return isOf(((Write.Appended) write).append(), letter);
    }

    private static boolean isOf(PendingAppend append, DeadLetter letter) {
        return letter.key() == null
                && letter.table().equals(append.table())
                && sameValues(letter.stage().columns(), append.columns());
    }

    private static boolean sameValues(Map<String, ColumnChange> refused, Map<String, @Nullable Object> written) {
        if (refused.size() != written.size()) return false;
        for (Map.Entry<String, @Nullable Object> column : written.entrySet()) {
            ColumnChange change = refused.get(column.getKey());
            if (!(change instanceof ColumnChange.Set set) || !Objects.equals(set.value(), column.getValue()))
                return false;
        }
        return true;
    }
}
