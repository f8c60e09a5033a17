package io.forebay.internal.pending;

import io.forebay.DuplicateRowException;
import io.forebay.FlushPolicy;
import io.forebay.ForebayClosedException;
import io.forebay.internal.codec.Seal;
import io.forebay.internal.mutation.Increment;
import io.forebay.internal.mutation.Mutation;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.Overlay;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What is pending in one hash range of row keys, from the open window to the batch in flight. One lock guards the layers and
 * their order, another, taken before it, the rows within the batches: merging a window into a batch, which takes a while,
 * does not hold up writers. Nothing is called out to while a lock is held.
 *
 * <p>Layers from new to old: the open window, windows that were full before the group commit came, windows being written
 * to the journal, the chain of batches. At any moment every sequence above {@link #released} is in exactly one of them.
 */
public final class Partition {
    private final int number;
    private final FlushPolicy policy;
    private final Budget budget;
    private final Function<String, TableInfo> tables;
    private final LongSupplier nanoTime;

    private final ReentrantLock laying = new ReentrantLock(); // taken before lock; guards the rows of the batches
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Window> full = new ArrayDeque<>(); // guarded by lock
    private final Deque<Window> writing = new ArrayDeque<>(); // guarded by lock
    private final Deque<Window> recovered = new ArrayDeque<>(); // guarded by lock; until the watermark is known
    private final Deque<PendingBatch> chain = new ArrayDeque<>(); // guarded by lock
    private Window open; // guarded by lock
    private long released; // guarded by lock
    private boolean closed; // guarded by lock
    private @Nullable RuntimeException hopeless; // guarded by lock: why nothing will be flushed
    private long wanted; // guarded by lock: flush at once up to this sequence

    /**
     * @param lastSequence the highest sequence ever used
     * @param released the watermark as far as it is known
     * @param recovered windows of the journal above it
     */
    public Partition(
            int number,
            FlushPolicy policy,
            Budget budget,
            Function<String, TableInfo> tables,
            LongSupplier nanoTime,
            long lastSequence,
            long released,
            List<Window> recovered) {
        this.number = number;
        this.policy = policy;
        this.budget = budget;
        this.tables = tables;
        this.nanoTime = nanoTime;
        this.released = released;
        this.open = new Window(number, lastSequence + 1, nanoTime.getAsLong(), 0);
        this.recovered.addAll(recovered);
        for (Window window : recovered) budget.add(window.bytes(), window.size());
    }

    public int number() {
        return number;
    }

    /**
     * Taken by a group commit, which holds all partitions at once, and by groups of writes, always in ascending order: a
     * group is in one cut, and so in one frame, however many windows it fills.
     */
    public void lock() {
        laying.lock();
        lock.lock();
    }

    public void unlock() {
        lock.unlock();
        laying.unlock();
    }

    /**
     * Merges a mutation into the open window.
     *
     * @return the ack of the window it is in
     * @throws DuplicateRowException if it inserts a row that is pending as an insert
     */
    public WindowAck add(Mutation mutation) {
        if (mutation.stage().kind() == Stage.Kind.INSERT) return insert(mutation);
        lock.lock();
        try {
            return merge(mutation);
        } finally {
            lock.unlock();
        }
    }

    private WindowAck insert(Mutation mutation) {
        lock();
        try {
            refuseDuplicate(mutation.key());
            return merge(mutation);
        } finally {
            unlock();
        }
    }

    private WindowAck merge(Mutation mutation) {
        Window window = windowWithRoom();
        int rows = window.rowCount();
        long grown = window.add(mutation);
        if (grown != 0) budget.add(grown, window.rowCount() - rows);
        return window.ack();
    }

    /** Counts an increment in the open window. */
    public WindowAck add(Increment increment) {
        lock.lock();
        try {
            Window window = windowWithRoom();
            int rows = window.rowCount();
            long grown = window.add(increment);
            if (grown != 0) budget.add(grown, window.rowCount() - rows);
            return window.ack();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a row without a key to the open window. */
    public WindowAck add(PendingAppend append) {
        lock.lock();
        try {
            Window window = windowWithRoom();
            budget.add(window.add(append), 1);
            return window.ack();
        } finally {
            lock.unlock();
        }
    }

    /** Notes how far a source has come with what was added under the same lock. */
    public WindowAck reached(String source, String position) {
        lock.lock();
        try {
            open.reached(source, position);
            return open.ack();
        } finally {
            lock.unlock();
        }
    }

    /** Takes no more writes. The caller holds the lock of every partition, so that no group of writes is cut in two. */
    public void close() {
        closed = true;
    }

    private Window windowWithRoom() {
        if (closed) throw new ForebayClosedException("this Forebay was closed while the write was on its way", null);
        if (open.size() >= policy.maxRows() || open.bytes() >= policy.maxBytes()) closeWindow();
        return open;
    }

    private void closeWindow() {
        full.add(open);
        open = new Window(number, open.sequence() + 1, nanoTime.getAsLong(), open.rowCount());
    }

    /**
     * Makes sure that the row can be inserted. The caller holds the lock.
     *
     * @throws DuplicateRowException if it is pending as an insert
     */
    public void refuseDuplicate(RowKey key) {
        List<Stage> stages = newestStages(key);
        if (stages.isEmpty()) return;
        Stage.Kind last = stages.get(stages.size() - 1).kind();
        if (last == Stage.Kind.INSERT || last == Stage.Kind.REPLACE) throw duplicate(key);
    }

    /** The refusal of a second insert. */
    public static DuplicateRowException duplicate(RowKey key) {
        return new DuplicateRowException(
                "insert of %s: it is pending as an insert already; use upsert to replace its columns".formatted(key),
                null);
    }

    private List<Stage> newestStages(RowKey key) {
        List<Layer> layers = layers();
        for (int i = layers.size() - 1; i >= 0; i--) {
            List<Stage> stages = layers.get(i).stages(key);
            if (!stages.isEmpty()) return stages;
        }
        return List.of();
    }

    private List<Layer> layers() {
        List<Layer> layers = new ArrayList<>(recovered.size() + chain.size() + writing.size() + full.size() + 1);
        layers.addAll(recovered);
        layers.addAll(chain);
        layers.addAll(writing);
        layers.addAll(full);
        layers.add(open);
        return layers;
    }

    /** The rows without a key that are pending, in the order they were written. */
    public List<PendingAppend> appends() {
        List<PendingAppend> appends = new ArrayList<>();
        lock();
        try {
            for (Layer layer : layers()) appends.addAll(layer.appends());
        } finally {
            unlock();
        }
        return appends;
    }

    /** What is pending for the row, in one consistent snapshot. */
    public Overlay overlay(RowKey key) {
        lock();
        try {
            List<Overlay.Slice> slices = new ArrayList<>();
            for (Layer layer : layers()) {
                List<Stage> stages = layer.stages(key);
                if (!stages.isEmpty()) slices.add(new Overlay.Slice(layer.from(), layer.to(), stages));
            }
            return new Overlay(released, slices);
        } finally {
            unlock();
        }
    }

    /**
     * Hands the windows that wait for the journal to a group commit; they stay in the overlay. The caller holds the lock
     * of every partition, so that all swaps together are one cut.
     */
    public List<Window> swap() {
        if (!open.isEmpty()) closeWindow();
        List<Window> swapped = List.copyOf(full);
        writing.addAll(swapped);
        full.clear();
        return swapped;
    }

    /** Moves a journaled window from the writing ones to the chain of batches. */
    public void lay(Window window) {
        RuntimeException reason;
        laying.lock();
        try {
            PendingBatch target = target(window);
            long grown = target.lay(window, tables);
            reason = laid(window, target, grown);
        } finally {
            laying.unlock();
        }
        if (reason != null) window.ack().failFlushed(reason);
    }

    /** Lays a window that a journal outside of this process has given back. */
    public void feed(Window window) {
        budget.add(window.bytes(), window.size());
        lay(window);
    }

    private PendingBatch target(Window window) {
        lock.lock();
        try {
            return openBatch(window, chain);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable RuntimeException laid(Window window, PendingBatch batch, long grown) {
        lock.lock();
        try {
            writing.remove(window);
            laidOn(batch, window, grown);
            return hopeless;
        } finally {
            lock.unlock();
        }
    }

    /** The last batch of a chain if it takes windows still, or a new one. */
    private PendingBatch openBatch(Window window, Deque<PendingBatch> target) {
        PendingBatch last = target.peekLast();
        if (last != null && !isClosed(last) && hasRoom(last, window)) return last;
        PendingBatch next = new PendingBatch(last == null ? laidUpTo() : last.to(), window.openedNanos());
        target.add(next);
        return next;
    }

    /** Rows without a key are never merged, so it is known beforehand that they would make the batch too large. */
    private boolean hasRoom(PendingBatch batch, Window window) {
        return batch.size() + window.appends().size() <= policy.maxRows();
    }

    private void laidOn(PendingBatch batch, Window window, long grown) {
        int rows = batch.size();
        batch.laid(window, grown);
        budget.add(grown - window.bytes(), (long) batch.size() - rows - window.size());
    }

    private long laidUpTo() {
        return recovered.isEmpty() ? released : recovered.getLast().to();
    }

    private boolean isClosed(PendingBatch batch) {
        return batch.isSealed() || batch.size() >= policy.maxRows() || batch.bytes() >= policy.maxBytes();
    }

    /** Takes back a window that the journal refused: its writes never happened. */
    public void refuse(Window window, RuntimeException reason) {
        handedOver(window);
        window.ack().fail(reason);
    }

    /**
     * Asks for a flush of all that is pending now.
     *
     * @return the ack of the newest window with anything in it, or null if nothing is pending
     */
    public @Nullable WindowAck flushAll() {
        lock.lock();
        try {
            WindowAck newest = newest();
            if (newest != null) wanted = Math.max(wanted, newest.position().sequence());
            return newest;
        } finally {
            lock.unlock();
        }
    }

    /** The windows that were handed to a journal and not taken over or refused by it. */
    public List<Window> writing() {
        lock.lock();
        try {
            return List.copyOf(writing);
        } finally {
            lock.unlock();
        }
    }

    private @Nullable WindowAck newest() {
        if (!open.isEmpty()) return open.ack();
        if (!full.isEmpty()) return full.getLast().ack();
        if (!writing.isEmpty()) return writing.getLast().ack();
        if (!chain.isEmpty()) return chain.getLast().lastAck();
        return recovered.isEmpty() ? null : recovered.getLast().ack();
    }

    /** The ack of the newest window with anything in it, or null if nothing is pending. */
    public @Nullable WindowAck newestAck() {
        lock.lock();
        try {
            return newest();
        } finally {
            lock.unlock();
        }
    }

    /** Asks for a flush up to a sequence. */
    public void want(long sequence) {
        lock.lock();
        try {
            wanted = Math.max(wanted, sequence);
        } finally {
            lock.unlock();
        }
    }

    /** Nanoseconds until the next batch is due; zero or less when it is, {@link Long#MAX_VALUE} when there is none. */
    public long dueInNanos(long intervalNanos) {
        lock.lock();
        try {
            if (!recovered.isEmpty()) return 0;
            PendingBatch first = chain.peekFirst();
            if (first == null) return Long.MAX_VALUE;
            boolean due = isClosed(first) || chain.size() > 1 || first.from() < wanted || budget.isPressed();
            return due ? 0 : first.oldestNanos() + intervalNanos - nanoTime.getAsLong();
        } finally {
            lock.unlock();
        }
    }

    /** Seals the oldest batch, or returns the one that is sealed already; null if nothing is pending. */
    public @Nullable PendingBatch seal() {
        lock();
        try {
            PendingBatch first = chain.peekFirst();
            if (first != null && !first.isSealed()) first.seal(UUID.randomUUID());
            return first;
        } finally {
            unlock();
        }
    }

    /** The database holds the batch: lets it go and completes its acks. */
    public void release(PendingBatch batch, List<DeadLetter> deadLetters) {
        lock.lock();
        try {
            if (chain.peekFirst() != batch) return; // an abandoned attempt came to its end after its successor
            chain.removeFirst();
            released = batch.to();
            budget.add(-batch.bytes(), -batch.size());
        } finally {
            lock.unlock();
        }
        batch.release(deadLetters);
    }

    /** Lets a window go that a journal outside of this process holds now. */
    public void handedOver(Window window) {
        lock.lock();
        try {
            writing.remove(window);
            budget.add(-window.bytes(), -window.size());
        } finally {
            lock.unlock();
        }
    }

    /** Lets all batches go, because their windows stand elsewhere and another owner goes on with them. */
    public void forget() {
        lock();
        try {
            for (PendingBatch batch : chain) budget.add(-batch.bytes(), -batch.size());
            chain.clear();
        } finally {
            unlock();
        }
    }

    /** Gives away the next sequence, for a record that is no window; 0 if windows wait to be journaled before it. */
    public long takeSequence() {
        lock.lock();
        try {
            if (!open.isEmpty() || !full.isEmpty() || !writing.isEmpty() || !recovered.isEmpty()) return 0;
            long taken = open.sequence();
            open = new Window(number, taken + 1, nanoTime.getAsLong(), 0);
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** The chain as it is; only the journal thread may look into batches that are not sealed. */
    public List<PendingBatch> chain() {
        lock.lock();
        try {
            return List.copyOf(chain);
        } finally {
            lock.unlock();
        }
    }

    /** The watermark as far as it is known here. */
    public long released() {
        lock.lock();
        try {
            return released;
        } finally {
            lock.unlock();
        }
    }

    /** The highest sequence the journal holds of this partition and the database may be behind of. */
    public long newestJournaled() {
        lock.lock();
        try {
            return chain.isEmpty() ? laidUpTo() : chain.getLast().to();
        } finally {
            lock.unlock();
        }
    }

    /** Whether {@code watermark} is the end of the batch in flight, so that its retry will find it applied. */
    public boolean endsBatchInFlight(long watermark, @Nullable UUID id) {
        lock.lock();
        try {
            PendingBatch first = chain.peekFirst();
            return first != null
                    && first.isSealed()
                    && first.to() == watermark
                    && first.id().equals(id);
        } finally {
            lock.unlock();
        }
    }

    /** Begins anew from a watermark read from the database, with nothing pending. */
    public void restart(long watermark) {
        restart(watermark, List.of(), null);
    }

    /** Rows of the batches that wait for the database. */
    public long pendingRows() {
        lock.lock();
        try {
            return chain.stream().mapToLong(PendingBatch::size).sum();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Begins anew from a watermark read from the database: windows it holds are let go, kept ones it lost are taken up
     * again.
     *
     * @param kept windows read back from the journal, in ascending order: all those above {@code watermark} that had been
     *     released
     * @param seal the journal's last, or null: a batch that was handed over without an answer is handed over again as it
     *     was, with its id
     */
    public void restart(long watermark, List<Window> kept, @Nullable Seal seal) {
        List<Window> held = new ArrayList<>();
        lock();
        try {
            List<Window> windows = new ArrayList<>(kept);
            for (Window window : kept) budget.add(window.bytes(), window.size());
            for (Window window : recovered) (window.to() > watermark ? windows : held).add(window);
            for (Window window : held) budget.add(-window.bytes(), -window.size());
            recovered.clear();
            released = watermark;

            Deque<PendingBatch> older = new ArrayDeque<>();
            if (seal != null && seal.from() == watermark) layAgain(seal, windows, older);
            for (Window window : windows) {
                PendingBatch batch = openBatch(window, older);
                laidOn(batch, window, batch.lay(window, tables));
            }
            for (Iterator<PendingBatch> i = older.descendingIterator(); i.hasNext(); ) chain.addFirst(i.next());
        } finally {
            unlock();
        }
        for (Window window : held) window.ack().completeFlushed(List.of());
    }

    /** Makes the sealed batch anew of the windows it was made of, which leave the list. */
    private void layAgain(Seal seal, List<Window> windows, Deque<PendingBatch> target) {
        int count = 0;
        while (count < windows.size() && windows.get(count).to() <= seal.to()) count++;
        List<Window> sealed = windows.subList(0, count);
        if (sealed.isEmpty() || sealed.get(count - 1).to() != seal.to()) return;

        PendingBatch batch = new PendingBatch(seal.from(), sealed.get(0).openedNanos());
        for (Window window : sealed) laidOn(batch, window, batch.lay(window, tables));
        batch.seal(seal.id());
        target.add(batch);
        sealed.clear();
    }

    /** When the oldest pending mutation was made, by nanoTime; null if nothing is pending. */
    public @Nullable Long oldestNanos() {
        lock.lock();
        try {
            if (!recovered.isEmpty()) return recovered.getFirst().openedNanos();
            if (!chain.isEmpty()) return chain.getFirst().oldestNanos();
            if (!writing.isEmpty()) return writing.getFirst().openedNanos();
            if (!full.isEmpty()) return full.getFirst().openedNanos();
            return open.isEmpty() ? null : open.openedNanos();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Tells those who wait for the database, now and later, that it will not happen without a person; nothing is taken
     * back.
     *
     * @param reason null to let later ones wait again
     */
    public void failWaiters(@Nullable RuntimeException reason) {
        List<PendingBatch> batches;
        List<Window> windows;
        lock.lock();
        try {
            hopeless = reason;
            batches = List.copyOf(chain);
            windows = List.copyOf(recovered);
        } finally {
            lock.unlock();
        }
        if (reason == null) return;
        for (PendingBatch batch : batches) batch.failWaiters(reason);
        for (Window window : windows) window.ack().failFlushed(reason);
    }
}
