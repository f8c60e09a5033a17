package io.forebay.internal.pending;

import io.forebay.Position;
import io.forebay.internal.mutation.Increment;
import io.forebay.internal.mutation.Mutation;
import io.forebay.spi.FedWindow;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * The merged mutations of one partition between two group commits. Open, it is guarded by its partition's lock; once
 * swapped it never changes and may be read without, until it hands its rows over.
 */
public final class Window implements Layer {
    private final Map<RowKey, RowChanges> rows;
    private final List<PendingAppend> appends = new ArrayList<>();
    private final Map<String, String> sources = new LinkedHashMap<>();
    private final WindowAck ack;
    private final int partition;
    private final long from;
    private final long to;
    private final long openedNanos;
    private long bytes;
    private long mutations;

    /** @param expectedRows a guess that spares the map from growing */
    Window(int partition, long sequence, long openedNanos, int expectedRows) {
        this(partition, sequence - 1, sequence, openedNanos, expectedRows);
    }

    private Window(int partition, long from, long sequence, long openedNanos, int expectedRows) {
        this.rows = new HashMap<>(expectedRows * 4 / 3 + 1);
        this.partition = partition;
        this.from = from;
        this.to = sequence;
        this.ack = new WindowAck(new Position(partition, sequence));
        this.openedNanos = openedNanos;
    }

    /** A window as it was read back from the journal. */
    public static Window recovered(
            int partition, long sequence, long nanos, List<PendingRow> rows, List<PendingAppend> appends) {
        return rewritten(partition, sequence - 1, sequence, nanos, rows, appends);
    }

    /**
     * Several windows of the journal that were rewritten as one.
     *
     * @param from the sequence before its first
     * @param to the sequence of its last
     */
    public static Window rewritten(
            int partition, long from, long to, long nanos, List<PendingRow> rows, List<PendingAppend> appends) {
        Window window = new Window(partition, from, to, nanos, rows.size());
        for (PendingRow row : rows) {
            RowChanges changes = window.changes(row.key());
            changes.settle(row.stages());
            window.bytes += changes.bytes();
        }
        appends.forEach(window::add);
        window.mutations = (long) rows.size() + appends.size();
        window.ack.completeJournaled();
        window.ack.completeSynced();
        return window;
    }

    /**
     * A piece of a journal outside of this process.
     *
     * @param nanos when its oldest write was made, by nanoTime
     * @param tables what is known of a table by name
     */
    public static Window fed(FedWindow fed, long nanos, Function<String, TableInfo> tables) {
        Window window = new Window(
                fed.partition(), fed.from(), fed.to(), nanos, fed.rows().size());
        for (PendingRow row : fed.rows()) window.add(row, tables);
        fed.appends().forEach(window::add);
        return window;
    }

    private void add(PendingRow row, Function<String, TableInfo> tables) {
        mutations++;
        int known = rows.size();
        RowChanges changes = changes(row.key());
        long before = rows.size() > known ? 0 : changes.bytes();
        if (before == 0) changes.settle(row.stages());
        else changes.append(row.stages(), tables.apply(row.key().table()));
        grow(changes.bytes() - before);
    }

    /** Merges one mutation; returns by how many estimated bytes the window grew. */
    long add(Mutation mutation) {
        mutations++;
        int known = rows.size();
        RowChanges row = changes(mutation.key());
        long before = rows.size() > known ? 0 : row.bytes();
        row.append(mutation.stage(), mutation.table().info());
        return grow(row.bytes() - before);
    }

    /** Counts one increment; returns by how many estimated bytes the window grew. */
    long add(Increment increment) {
        mutations++;
        int known = rows.size();
        RowChanges row = changes(increment.key());
        long before = rows.size() > known ? 0 : row.bytes();
        row.increment(increment);
        return grow(row.bytes() - before);
    }

    private RowChanges changes(RowKey key) {
        RowChanges row = rows.get(key);
        if (row == null) {
            row = new RowChanges(key);
            rows.put(key, row);
        }
        return row;
    }

    long add(PendingAppend append) {
        mutations++;
        appends.add(append);
        return grow(Footprint.of(append));
    }

    void reached(String source, String position) {
        sources.put(source, position);
    }

    private long grow(long by) {
        bytes += by;
        return by;
    }

    public int partition() {
        return partition;
    }

    public long sequence() {
        return to;
    }

    public WindowAck ack() {
        return ack;
    }

    /** Nothing was written to it, no source moved. */
    public boolean isEmpty() {
        return rows.isEmpty() && appends.isEmpty() && sources.isEmpty();
    }

    public int size() {
        return rows.size() + appends.size();
    }

    public int rowCount() {
        return rows.size();
    }

    @Override
    public List<PendingAppend> appends() {
        return appends;
    }

    /** Positions that sources reached with this window, by name. */
    public Map<String, String> sources() {
        return sources;
    }

    /** Hands out every row, in no order. */
    public void forEachRow(BiConsumer<RowKey, List<Stage>> consumer) {
        rows.forEach((key, row) -> consumer.accept(key, row.stages()));
    }

    /** Gives every row to a batch, which goes on changing it: this window is not read any more. */
    Map<RowKey, RowChanges> handOver() {
        return rows;
    }

    long bytes() {
        return bytes;
    }

    public long mutations() {
        return mutations;
    }

    long openedNanos() {
        return openedNanos;
    }

    @Override
    public long from() {
        return from;
    }

    @Override
    public long to() {
        return sequence();
    }

    @Override
    public List<Stage> stages(RowKey key) {
        RowChanges row = rows.get(key);
        return row == null ? List.of() : row.stages();
    }
}
