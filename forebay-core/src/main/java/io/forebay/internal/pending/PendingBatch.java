package io.forebay.internal.pending;

import io.forebay.spi.DeadLetter;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Journaled windows of one partition, merged: a link of the chain that waits for the database. It takes windows until it
 * is closed; sealed, it has an id and never changes again. Its rows are guarded by the partition's lock of laying, the rest
 * by the partition's lock.
 */
public final class PendingBatch implements Layer {
    private Map<RowKey, RowChanges> rows = new HashMap<>();
    private final List<PendingAppend> appends = new ArrayList<>();
    private final List<WindowAck> acks = new ArrayList<>();
    private final long from;
    private final long oldestNanos;
    private long to;
    private int size;
    private long bytes;
    private @Nullable UUID id;

    PendingBatch(long from, long oldestNanos) {
        this.from = from;
        this.to = from;
        this.oldestNanos = oldestNanos;
    }

    /**
     * Merges the rows of a newer window into these; {@link #laid} makes it known. Guarded by the lock of laying alone.
     *
     * @return by how many estimated bytes the batch grows
     */
    long lay(Window window, Function<String, TableInfo> tables) {
        long grown = 0;
        Map<RowKey, RowChanges> newer = window.handOver();
        if (rows.isEmpty()) {
            rows = newer;
            for (RowChanges row : newer.values()) grown += row.bytes();
        } else {
            for (Map.Entry<RowKey, RowChanges> row : newer.entrySet())
                grown += lay(row.getKey(), row.getValue(), tables);
        }
        for (PendingAppend append : window.appends()) {
            appends.add(append);
            grown += Footprint.of(append);
        }
        return grown;
    }

    private long lay(RowKey key, RowChanges newer, Function<String, TableInfo> tables) {
        RowChanges older = rows.putIfAbsent(key, newer);
        if (older == null) return newer.bytes();
        long before = older.bytes();
        older.append(newer, tables.apply(key.table()));
        return older.bytes() - before;
    }

    /** The window's rows are in: takes its place in the order. */
    void laid(Window window, long grown) {
        acks.add(window.ack());
        to = window.to();
        size = rows.size() + appends.size();
        bytes += grown;
    }

    void seal(UUID newId) {
        id = newId;
    }

    boolean isSealed() {
        return id != null;
    }

    /** The id given at the seal. */
    public UUID id() {
        return Objects.requireNonNull(id, "not sealed");
    }

    void release(List<DeadLetter> deadLetters) {
        for (WindowAck ack : acks) ack.completeFlushed(deadLetters);
    }

    void failWaiters(RuntimeException reason) {
        for (WindowAck ack : acks) ack.failFlushed(reason);
    }

    /** Every row in ascending order of keys. Only when sealed. */
    public List<PendingRow> sortedRows() {
        List<PendingRow> sorted = new ArrayList<>(rows.size());
        rows.forEach((key, row) -> sorted.add(new PendingRow(key, row.stages())));
        sorted.sort((a, b) -> a.key().compareTo(b.key()));
        return sorted;
    }

    /** Hands out every row, in no order. */
    public void forEachRow(BiConsumer<RowKey, List<Stage>> consumer) {
        rows.forEach((key, row) -> consumer.accept(key, row.stages()));
    }

    public int rowCount() {
        return rows.size();
    }

    @Override
    public List<PendingAppend> appends() {
        return appends;
    }

    int size() {
        return size;
    }

    long bytes() {
        return bytes;
    }

    long oldestNanos() {
        return oldestNanos;
    }

    WindowAck lastAck() {
        return acks.get(acks.size() - 1);
    }

    @Override
    public long from() {
        return from;
    }

    @Override
    public long to() {
        return to;
    }

    @Override
    public List<Stage> stages(RowKey key) {
        RowChanges row = rows.get(key);
        return row == null ? List.of() : row.stages();
    }
}
