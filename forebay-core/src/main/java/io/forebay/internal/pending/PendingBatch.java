package io.forebay.internal.pending;

import io.forebay.internal.mutation.Merge;
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
 * is closed; sealed, it has an id and never changes again. Guarded by the partition's lock.
 */
public final class PendingBatch implements Layer {
    private final Map<RowKey, List<Stage>> rows = new HashMap<>();
    private final List<PendingAppend> appends = new ArrayList<>();
    private final List<WindowAck> acks = new ArrayList<>();
    private final long from;
    private final long oldestNanos;
    private long to;
    private long bytes;
    private @Nullable UUID id;

    PendingBatch(long from, long oldestNanos) {
        this.from = from;
        this.to = from;
        this.oldestNanos = oldestNanos;
    }

    /** Merges a newer window on top; returns by how many estimated bytes the batch grew. */
    long lay(Window window, Function<String, TableInfo> tables) {
        long before = bytes;
        window.forEachRow((key, stages) -> lay(key, stages, tables));
        for (PendingAppend append : window.appends()) {
            appends.add(append);
            bytes += Footprint.of(append);
        }
        acks.add(window.ack());
        to = window.to();
        return bytes - before;
    }

    private void lay(RowKey key, List<Stage> newer, Function<String, TableInfo> tables) {
        List<Stage> older = rows.get(key);
        if (older == null) {
            rows.put(key, newer);
            bytes += Footprint.of(key, newer);
            return;
        }
        List<Stage> merged = Merge.append(older, newer, tables.apply(key.table()));
        rows.put(key, merged);
        bytes += Footprint.of(merged) - Footprint.of(older);
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
        rows.forEach((key, stages) -> sorted.add(new PendingRow(key, stages)));
        sorted.sort((a, b) -> a.key().compareTo(b.key()));
        return sorted;
    }

    /** Hands out every row, in no order. */
    public void forEachRow(BiConsumer<RowKey, List<Stage>> consumer) {
        rows.forEach(consumer);
    }

    public int rowCount() {
        return rows.size();
    }

    public List<PendingAppend> appends() {
        return appends;
    }

    int size() {
        return rows.size() + appends.size();
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
        return rows.getOrDefault(key, List.of());
    }
}
