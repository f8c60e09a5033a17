package io.forebay.internal.commit;

import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.JournalException;
import io.forebay.JournalForceException;
import io.forebay.JournalWriteException;
import io.forebay.internal.codec.RecordWriter;
import io.forebay.internal.codec.Seal;
import io.forebay.internal.journal.FrameLog;
import io.forebay.internal.pending.Partition;
import io.forebay.internal.pending.PendingBatch;
import io.forebay.internal.pending.Window;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.Watermark;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Writes the open windows of all partitions as one frame, forces it once, lays the windows into the pending rows, and only
 * then completes their acks. The journal's one writer: every method but the named ones belongs to the journal thread.
 */
public final class GroupCommit implements Seals {
    private final String database;
    private final FrameLog journal;
    private final boolean journalsReleases;
    private final List<Partition> partitions;
    private final ForebayListener listener;
    private final RecordWriter writer = new RecordWriter();
    private final RecordWriter checkpointWriter = new RecordWriter();
    private final long[] lastSequences;
    private final Map<String, TableDefinition> tables = new LinkedHashMap<>();
    private final Map<String, String> sources = new ConcurrentHashMap<>();
    private final Map<Integer, Seal> lastSeals = new ConcurrentHashMap<>();
    private final Map<Integer, Watermark> watermarks = new ConcurrentHashMap<>();
    private final Runnable wake;
    private final Queue<TableDefinition> newTables = new ConcurrentLinkedQueue<>();
    private final Queue<Released> newReleases = new ConcurrentLinkedQueue<>();
    private final Queue<SealRequest> newSeals = new ConcurrentLinkedQueue<>();
    private final Set<String> broken = ConcurrentHashMap.newKeySet();
    private final AtomicLong refused = new AtomicLong();

    private record SealRequest(Seal seal, CompletableFuture<Void> forced) {}

    private record Released(int partition, long upTo, UUID batch) {}

    private record Cut(
            List<Window> windows, List<TableDefinition> tables, List<SealRequest> seals, List<Released> releases) {
        boolean isEmpty() {
            return windows.isEmpty() && tables.isEmpty() && seals.isEmpty() && releases.isEmpty();
        }
    }

    /** @param journalsReleases whether the journal is the only place that knows how far batches were handed over */
    public GroupCommit(
            String database,
            FrameLog journal,
            boolean journalsReleases,
            Recovery recovery,
            List<Partition> partitions,
            ForebayListener listener,
            Runnable wake) {
        this.database = database;
        this.journal = journal;
        this.journalsReleases = journalsReleases;
        this.partitions = partitions;
        this.listener = listener;
        this.wake = wake;
        this.lastSequences = new long[partitions.size()];
        for (Partition partition : partitions) resume(partition.number(), recovery.partition(partition.number()));
        tables.putAll(recovery.tables());
        sources.putAll(recovery.sources());
        journal.checkpointWith(this::checkpoint);
    }

    private void resume(int partition, PartitionHistory history) {
        lastSequences[partition] = history.lastSequence();
        watermarks.put(partition, history.watermark());
        Seal last = history.lastSeal();
        if (last != null) lastSeals.put(partition, last);
    }

    /** Puts a definition into the next frame, and so before every window that needs it. Thread-safe. */
    public void define(TableDefinition table) {
        newTables.add(table);
        wake.run();
    }

    /** Puts a seal into the next frame; completes when it is forced. Thread-safe. */
    @Override
    public CompletableFuture<Void> seal(Seal seal) {
        SealRequest request = new SealRequest(seal, new CompletableFuture<>());
        newSeals.add(request);
        wake.run();
        return request.forced();
    }

    /** Notes what the database holds, for the next checkpoint. Thread-safe. */
    @Override
    public void reached(int partition, Watermark watermark) {
        watermarks.put(partition, watermark);
        UUID batch = watermark.batch();
        if (!journalsReleases || batch == null) return;
        newReleases.add(new Released(partition, watermark.sequence(), batch));
        wake.run();
    }

    /** What is known of a partition without reading the journal: how far it was handed over. Thread-safe. */
    public PartitionHistory history(int partition) {
        PartitionHistory history = new PartitionHistory(false);
        Watermark watermark = watermarks.get(partition);
        if (watermark != null) history.checkpoint(watermark.sequence(), watermark.sequence(), watermark.batch());
        return history;
    }

    /** The durable position of a source, or null. Thread-safe. */
    public @Nullable String source(String name) {
        return sources.get(name);
    }

    /** Whether a write of the source was refused, so that later ones would leave a gap. Thread-safe. */
    public boolean isBroken(String source) {
        return broken.contains(source);
    }

    /** Takes writes of the source again, from its durable position on; what it wrote before is decided by now. */
    public void mend(String source) {
        if (!isBroken(source)) return;
        runOnce();
        broken.remove(source);
    }

    /**
     * Writes what is pending in a partition again, at the journal's head, so that a partition that has stopped does not pin
     * old segments. Batch by batch, because one that is sealed may turn out to be in the database. Takes a sequence of its
     * own, so that the segment it stands in is kept as long as it is needed.
     *
     * @return the sequence up to which the partition needs nothing any more; 0 if new writes kept coming in between
     * @throws JournalWriteException if there is no room for it
     * @throws JournalForceException if it is unknown whether it is durable
     */
    public long rewrite(Partition partition) {
        runOnce();
        long mark = partition.takeSequence();
        if (mark == 0) return 0;

        long[] sequences = lastSequences.clone();
        sequences[partition.number()] = mark;
        for (PendingBatch batch : partition.chain()) {
            writer.reset();
            writer.rewritten(
                    partition.number(),
                    mark,
                    batch.from(),
                    batch.to(),
                    batch.rowCount(),
                    batch::forEachRow,
                    batch.appends());
            journal.append(writer.body(), sequences);
        }
        journal.force();
        lastSequences[partition.number()] = mark;
        return mark - 1;
    }

    /** Writes refused so far. Thread-safe. */
    public long refused() {
        return refused.get();
    }

    /** One round; returns how many windows it carried, 0 when there was nothing to do. */
    public int runOnce() {
        Cut cut = cut();
        if (cut.isEmpty()) return 0;

        if (leavesGap(cut)) refuse(cut, gap());
        else if (write(cut)) return cut.windows().size();
        if (!cut.seals().isEmpty()) writeSealsAlone(cut.seals());
        return cut.windows().size();
    }

    /** One consistent cut: a group of writes is in it as a whole, or not at all. */
    private Cut cut() {
        List<Window> windows = new ArrayList<>();
        List<TableDefinition> definitions = new ArrayList<>();
        List<SealRequest> seals = new ArrayList<>();
        List<Released> releases = new ArrayList<>();
        for (Partition partition : partitions) partition.lock();
        try {
            for (Partition partition : partitions) windows.addAll(partition.swap());
            drain(newTables, definitions);
        } finally {
            for (Partition partition : partitions) partition.unlock();
        }
        drain(newSeals, seals);
        drain(newReleases, releases);
        return new Cut(windows, definitions, seals, releases);
    }

    private static <T> void drain(Queue<T> from, List<T> to) {
        for (T next = from.poll(); next != null; next = from.poll()) to.add(next);
    }

    /** A source may have written on before it could know that its last write was refused: that must not move it. */
    private boolean leavesGap(Cut cut) {
        for (Window window : cut.windows())
            for (String source : window.sources().keySet()) if (isBroken(source)) return true;
        return false;
    }

    private static JournalWriteException gap() {
        return new JournalWriteException("an earlier write of a source in the same frame was refused", null);
    }

    /** Returns whether the frame is durable; if not, its windows were refused and its tables wait for the next one. */
    private boolean write(Cut cut) {
        long start = System.nanoTime();
        ByteBuffer body = encode(cut);
        int bytes = body.remaining();
        long[] sequences = sequencesAfter(cut.windows());
        try {
            journal.append(body, sequences);
            for (Window window : cut.windows()) window.ack().completeJournaled();
            listener.appended(database, cut.windows().size(), bytes);
            journal.force();
        } catch (JournalException e) {
            refuse(cut, e);
            return false;
        } catch (IllegalArgumentException e) {
            refuse(cut, new JournalWriteException(database + ": the journal cannot take such a frame", e));
            return false;
        }
        System.arraycopy(sequences, 0, lastSequences, 0, sequences.length);
        accept(cut);
        listener.forced(database, cut.windows().size(), Duration.ofNanos(System.nanoTime() - start));
        return true;
    }

    private ByteBuffer encode(Cut cut) {
        writer.reset();
        if (!journal.keepsFrames()) return writer.body();
        cut.tables().forEach(writer::table);
        for (Window window : cut.windows()) {
            writer.window(
                    window.partition(), window.sequence(), window.rowCount(), window::forEachRow, window.appends());
            window.sources().forEach(writer::source);
        }
        for (Released released : cut.releases())
            writer.released(released.partition(), released.upTo(), released.batch());
        for (SealRequest request : cut.seals()) writer.seal(request.seal());
        return writer.body();
    }

    private long[] sequencesAfter(List<Window> windows) {
        long[] sequences = lastSequences.clone();
        for (Window window : windows) sequences[window.partition()] = window.sequence();
        return sequences;
    }

    private void accept(Cut cut) {
        for (TableDefinition table : cut.tables()) tables.put(table.info().name(), table);
        for (Window window : cut.windows()) {
            partitions.get(window.partition()).lay(window);
            sources.putAll(window.sources());
        }
        for (Window window : cut.windows()) window.ack().completeSynced();
        acceptSeals(cut.seals());
    }

    private void acceptSeals(List<SealRequest> seals) {
        for (SealRequest request : seals) {
            lastSeals.put(request.seal().partition(), request.seal());
            request.forced().complete(null);
        }
    }

    private void refuse(Cut cut, ForebayException reason) {
        List<TableDefinition> newer = new ArrayList<>();
        drain(newTables, newer);
        newTables.addAll(cut.tables());
        newTables.addAll(newer);
        newReleases.addAll(cut.releases());
        for (Window window : cut.windows()) broken.addAll(window.sources().keySet());
        for (Window window : cut.windows()) {
            refused.addAndGet(window.mutations());
            partitions.get(window.partition()).refuse(window, reason);
        }
        if (!cut.windows().isEmpty()) listener.refused(database, cut.windows().size(), reason);
    }

    /** A full disk must not keep the database from taking what is pending, which is what makes room. */
    private void writeSealsAlone(List<SealRequest> seals) {
        try {
            writer.reset();
            for (SealRequest request : seals) writer.seal(request.seal());
            journal.appendUrgent(writer.body(), lastSequences.clone());
            journal.force();
            acceptSeals(seals);
        } catch (JournalWriteException | JournalForceException e) {
            for (SealRequest request : seals) request.forced().completeExceptionally(e);
        }
    }

    /** What a segment begins with, so that those before it can go. */
    private ByteBuffer checkpoint() {
        checkpointWriter.reset();
        tables.values().forEach(checkpointWriter::table);
        for (Partition partition : partitions) {
            int number = partition.number();
            Watermark reached = watermarks.get(number);
            Seal seal = lastSeals.get(number);
            checkpointWriter.partition(
                    number,
                    lastSequences[number],
                    reached == null ? 0 : reached.sequence(),
                    reached == null ? null : reached.batch());
            if (seal != null) checkpointWriter.seal(seal);
        }
        sources.forEach(checkpointWriter::source);
        return checkpointWriter.body();
    }
}
