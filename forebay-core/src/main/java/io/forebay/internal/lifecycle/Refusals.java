package io.forebay.internal.lifecycle;

import io.forebay.spi.ColumnChange;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.PendingAppend;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Finds an insert without a key among dead letters: by its values, the only identity it has. */
final class Refusals {
    private Refusals() {}

    static Predicate<DeadLetter> of(PendingAppend append) {
        return letter -> letter.key() == null
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
