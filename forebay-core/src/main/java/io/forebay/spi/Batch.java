package io.forebay.spi;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * Merged rows of one partition for <em>all</em> the sequences in ({@code from}, {@code to}], sealed and immutable.
 *
 * @param journal id of the journal
 * @param partition number of the partition
 * @param epoch number of the partition's owner
 * @param from the watermark this batch builds on
 * @param to the watermark after it
 * @param id random, journaled before the first statement; stored beside the watermark
 * @param rows each key once, in ascending order
 * @param appends rows without a key, in the order they were written
 * @param tables definition of every table named in rows and appends, by name
 */
public record Batch(
        UUID journal,
        int partition,
        long epoch,
        long from,
        long to,
        UUID id,
        List<PendingRow> rows,
        List<PendingAppend> appends,
        Map<String, TableDefinition> tables) {
    public Batch {
        rows = List.copyOf(rows);
        appends = List.copyOf(appends);
        tables = Map.copyOf(tables);
    }

    /** Number of rows it carries. */
    public int size() {
        return rows.size() + appends.size();
    }
}
