package io.forebay.spi;

import java.util.List;

/**
 * The merged mutations of one row that are not in the database yet.
 *
 * @param key which row
 * @param stages what to do with it, in this order; at least one
 */
public record PendingRow(RowKey key, List<Stage> stages) {
    public PendingRow {
        stages = List.copyOf(stages);
        if (stages.isEmpty()) throw new IllegalArgumentException("a pending row needs at least one stage: " + key);
    }
}
