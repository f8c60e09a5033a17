package io.forebay.internal.lifecycle;

import io.forebay.Ack;
import io.forebay.BufferPolicy;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.ForebayClosedException;
import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.HaltedException;
import io.forebay.JournalException;
import io.forebay.JournalPolicy;
import io.forebay.JournalWriteException;
import io.forebay.Position;
import io.forebay.Stats;
import io.forebay.internal.commit.GroupCommit;
import io.forebay.internal.commit.PartitionHistory;
import io.forebay.internal.commit.Recovery;
import io.forebay.internal.flush.Counters;
import io.forebay.internal.flush.FlushTurn;
import io.forebay.internal.flush.Ownership;
import io.forebay.internal.journal.Journal;
import io.forebay.internal.journal.JournalSettings;
import io.forebay.internal.pending.Budget;
import io.forebay.internal.pending.Partition;
import io.forebay.internal.pending.Router;
import io.forebay.internal.pending.WindowAck;
import io.forebay.internal.read.ExactRead;
import io.forebay.spi.Disk;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TransientSinkException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One named database: its journal, its partitions, and the threads between them. Thread-safe.
 *
 * <p>Threads: one writes the journal, a few flush, one watches over those. See docs/threads.md.
 */
public final class Engine {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final int MAX_FLUSH_THREADS = 4;
    private static final long RELEASE_EVERY_NANOS = 1_000_000_000L;
    private static final long IDLE_NANOS = 1_000_000_000L;
    private static final long REWRITE_EVERY_NANOS = 60_000_000_000L;
    private static final long PRESSED_NANOS = 20_000_000L;
    private static final int OVERDUE_INTERVALS = 10;

    private final Settings settings;
    private final Sink sink;
    private final ForebayListener listener;
    private final LongSupplier nanoTime = System::nanoTime;
    private final Journal journal;
    private final UUID journalId;
    private final Budget budget;
    private final Router router;
    private final List<Partition> partitions = new ArrayList<>();
    private final Map<String, TableDefinition> tables = new ConcurrentHashMap<>();
    private final Counters counters = new Counters();
    private final GroupCommit commit;
    private final ExactRead reads;
    private final FlushCrew crew;
    private final Runner journalRunner;
    private final Queue<Runnable> journalTasks = new ConcurrentLinkedQueue<>();
    private final Consumer<Position> flushSoon = this::flushSoon;
    private volatile boolean closed;
    private final ReentrantLock attaching = new ReentrantLock();
    private boolean attached; // guarded by attaching
    private final AtomicBoolean anyFenced = new AtomicBoolean();
    private final long[] rewrittenUpTo; // of the journal thread, like the two below
    private long lastReleaseNanos;
    private long lastRewriteNanos = System.nanoTime() - REWRITE_EVERY_NANOS - 1;

    /** What a database is opened with. */
    public record Settings(
            String name,
            int partitions,
            Durability durability,
            FlushPolicy flush,
            BufferPolicy buffer,
            JournalPolicy journal,
            ForebayListener listener) {}

    /**
     * Opens the journal, takes the partitions if the database is there, and starts the threads.
     *
     * @throws io.forebay.ForebayException if the journal is in use or damaged, or the database is not the one it belongs to
     */
    public static Engine open(Settings settings, Disk disk, Sink sink) {
        Recovery recovery = new Recovery(settings.partitions(), System.nanoTime(), false);
        JournalPolicy policy = settings.journal();
        JournalSettings journalSettings = new JournalSettings(
                policy.segmentBytes(),
                policy.keepApplied(),
                policy.keepBytes(),
                policy.maxBytes(),
                settings.partitions());
        Journal journal = Journal.open(disk, journalSettings, System::nanoTime, recovery);
        try {
            Engine engine = new Engine(settings, sink, journal, recovery);
            engine.start();
            return engine;
        } catch (RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    private Engine(Settings settings, Sink sink, Journal journal, Recovery recovery) {
        this.settings = settings;
        this.sink = sink;
        this.journal = journal;
        this.journalId = journal.manifest().journal();
        this.listener = new SafeListener(settings.listener());
        this.budget = new Budget(
                settings.name(),
                settings.buffer(),
                journal::usedBytes,
                settings.journal().maxBytes() - settings.journal().segmentBytes());
        this.rewrittenUpTo = new long[settings.partitions()];
        this.router = new Router(settings.partitions());
        this.tables.putAll(recovery.tables());
        for (int i = 0; i < settings.partitions(); i++) partitions.add(partition(i, recovery.partition(i)));

        this.journalRunner = new Runner("forebay-" + settings.name() + "-journal", this::journalTurn);
        this.commit = new GroupCommit(settings.name(), journal, recovery, partitions, listener, journalRunner::wake);
        this.crew = crew(recovery);
        this.reads = new ExactRead(sink, journalId, crew::reown, this::flushAndWait);
    }

    private Partition partition(int number, PartitionHistory history) {
        return new Partition(
                number,
                settings.flush(),
                budget,
                table -> definition(table).info(),
                nanoTime,
                history.lastSequence(),
                history.released(),
                history.windows());
    }

    private FlushCrew crew(Recovery recovery) {
        Ownership ownership = new Ownership(sink, journalId, commit, this::attach, recovery.partitions(), this::reread);
        FlushTurn.Context context = new FlushTurn.Context(
                settings.name(),
                journalId,
                sink,
                ownership,
                commit,
                settings.flush(),
                this::definition,
                listener,
                counters,
                nanoTime,
                anyFenced,
                RandomGenerator.getDefault());
        return new FlushCrew(
                settings.name(),
                journalId,
                sink,
                partitions,
                partition -> new FlushTurn(context, partition),
                settings.flush().timeout(),
                counters,
                listener,
                nanoTime);
    }

    private void start() {
        journalRunner.start();
        try {
            crew.ownAll();
        } catch (TransientSinkException e) {
            LOG.warn(
                    "{}: the database cannot be reached, writes are journaled until it can: {}",
                    settings.name(),
                    e.getMessage());
        } catch (RuntimeException e) {
            stopJournal();
            throw e;
        }
        crew.start(Math.min(settings.partitions(), MAX_FLUSH_THREADS));
    }

    /** Makes sure that database and journal belong together; the first time, each learns the other's id. */
    private void attach() {
        attaching.lock();
        try {
            if (attached) return;
            UUID known = journal.manifest().database();
            UUID database = sink.attach(journalId, settings.partitions(), known);
            if (known == null) onJournalThread(() -> journal.attach(database));
            attached = true;
        } finally {
            attaching.unlock();
        }
    }

    private PartitionHistory reread(int partition) {
        Recovery kept = new Recovery(settings.partitions(), nanoTime.getAsLong(), true);
        onJournalThread(() -> journal.reread(kept));
        return kept.partition(partition);
    }

    /** Runs a task on the only thread that may touch the journal, and waits for it. */
    private void onJournalThread(Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        journalTasks.add(() -> {
            try {
                task.run();
                done.complete(null);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        journalRunner.wake();
        WriteAck.join(done);
    }

    private long journalTurn() {
        runJournalTasks();
        int windows = commit.runOnce();
        releaseSegments();
        if (windows == 0) return budget.hasRoom() ? IDLE_NANOS : PRESSED_NANOS;
        crew.wake();
        return 0;
    }

    private void runJournalTasks() {
        for (Runnable task = journalTasks.poll(); task != null; task = journalTasks.poll()) task.run();
    }

    private void releaseSegments() {
        long now = nanoTime.getAsLong();
        if (now - lastReleaseNanos < (budget.hasRoom() ? RELEASE_EVERY_NANOS : PRESSED_NANOS)) return;
        lastReleaseNanos = now;
        long rewriteEvery = budget.hasRoom() ? REWRITE_EVERY_NANOS : RELEASE_EVERY_NANOS;
        if (now - lastRewriteNanos > rewriteEvery
                && journal.usedBytes() > settings.journal().maxBytes() / 2) rewriteHalted(now);
        journal.release(partitions.stream().mapToLong(this::notNeeded).toArray());
    }

    private long notNeeded(Partition partition) {
        return Math.max(partition.released(), rewrittenUpTo[partition.number()]);
    }

    private void rewriteHalted(long now) {
        lastRewriteNanos = now;
        for (Partition partition : partitions) {
            if (crew.halted(partition.number()) == null) continue;
            try {
                long upTo = commit.rewrite(partition);
                if (upTo > 0) rewrittenUpTo[partition.number()] = upTo;
            } catch (JournalException e) {
                LOG.warn(
                        "{}: what is pending in partition {}, which has stopped, could not be written again: {}",
                        settings.name(),
                        partition.number(),
                        e.getMessage());
            }
        }
    }

    private TableDefinition definition(String table) {
        TableDefinition definition = tables.get(table);
        if (definition == null) throw new IllegalStateException("table " + table + " was never declared");
        return definition;
    }

    /**
     * Declares a table; a definition that differs from the journal's is journaled before any write that uses it.
     *
     * @throws IllegalStateException if its routing changes while rows of it may be pending
     */
    public void declare(TableDefinition definition) {
        String name = definition.info().name();
        TableDefinition known = tables.get(name);
        if (definition.equals(known)) return;
        if (known != null && routesDiffer(known, definition) && budget.rows() > 0)
            throw new IllegalStateException(
                    "%s: the routing of table %s cannot change while %d rows are pending: flush first"
                            .formatted(settings.name(), name, budget.rows()));
        tables.put(name, definition);
        commit.define(definition);
    }

    private static boolean routesDiffer(TableDefinition one, TableDefinition other) {
        return !Objects.equals(one.group(), other.group()) || !Objects.equals(one.routedBy(), other.routedBy());
    }

    /** What is known of a table from the journal, for a start without the database; null if nothing is. */
    public @Nullable TableDefinition known(String table) {
        return tables.get(table);
    }

    public Sink sink() {
        return sink;
    }

    public Router router() {
        return router;
    }

    public Durability durability() {
        return settings.durability();
    }

    /**
     * Takes one write.
     *
     * @throws io.forebay.BufferFullException if there is no room in time
     * @throws HaltedException if its partition was taken by a newer owner
     * @throws ForebayClosedException if this engine is closed
     */
    public Ack write(Write write, Durability durability) {
        admit(write.partition());
        WriteAck ack = ack(write, durability, put(write));
        journalRunner.wake();
        return ack;
    }

    private WindowAck put(Write write) {
        counters.mutations.increment();
        Partition partition = partitions.get(write.partition());
        if (write instanceof Write.ToRow row) return partition.add(row.mutation());
        if (write instanceof Write.Counted counted) return partition.add(counted.increment());
        return partition.add(((Write.Appended) write).append());
    }

    private WriteAck ack(Write write, Durability durability, WindowAck window) {
        return new WriteAck(window, durability, write, flushSoon);
    }

    /**
     * Takes several writes and the position of what they come from; all are in one frame of the journal, or none is.
     *
     * @param writes at least one
     */
    public Ack write(List<Write> writes, String source, String position, Durability durability) {
        TreeSet<Integer> numbers = new TreeSet<>();
        numbers.add(0);
        for (Write write : writes) numbers.add(write.partition());
        for (int number : numbers) admit(number);

        List<WindowAck> windows = new ArrayList<>(writes.size());
        WindowAck moved;
        if (commit.isBroken(source))
            throw new JournalWriteException(
                    "%s: an earlier write of source %s was refused; ask for its position and go on from there"
                            .formatted(settings.name(), source),
                    null);
        for (int number : numbers) partitions.get(number).lock();
        try {
            refuseDuplicates(writes);
            for (Write write : writes) windows.add(put(write));
            moved = partitions.get(0).reached(source, position);
        } finally {
            for (int number : numbers) partitions.get(number).unlock();
        }
        journalRunner.wake();

        List<Ack> acks = new ArrayList<>(writes.size() + 1);
        for (int i = 0; i < writes.size(); i++) acks.add(ack(writes.get(i), durability, windows.get(i)));
        acks.add(new WriteAck(moved, durability, null, flushSoon));
        return new GroupAck(acks);
    }

    /** Before the first write of a group goes in, none of them may be one that is refused here. */
    private void refuseDuplicates(List<Write> writes) {
        Map<RowKey, Boolean> inserted = new HashMap<>();
        for (Write write : writes) {
            if (!(write instanceof Write.ToRow row)) continue;
            RowKey key = row.mutation().key();
            switch (row.mutation().stage().kind()) {
                case INSERT -> {
                    Boolean before = inserted.put(key, true);
                    if (before == null) partitions.get(row.partition()).refuseDuplicate(key);
                    else if (before) throw Partition.duplicate(key);
                }
                case DELETE -> inserted.put(key, false);
                case UPDATE, UPSERT, REPLACE -> {}
            }
        }
    }

    private void admit(int partition) {
        if (closed) throw new ForebayClosedException(settings.name() + " is closed", null);
        if (anyFenced.get() && crew.isFenced(partition)) throw haltedCopy(partition);
        if (budget.hasRoom()) return;

        long start = System.nanoTime();
        boolean refused = true;
        crew.wake();
        try {
            budget.awaitRoom();
            refused = false;
        } finally {
            listener.blocked(settings.name(), Duration.ofNanos(System.nanoTime() - start), refused);
        }
        if (closed) throw new ForebayClosedException(settings.name() + " is closed", null);
    }

    private HaltedException haltedCopy(int partition) {
        HaltedException halted = crew.halted(partition);
        String message =
                halted == null ? "partition " + partition + " has stopped" : String.valueOf(halted.getMessage());
        return new HaltedException(message, halted);
    }

    private void flushSoon(Position position) {
        partitions.get(position.partition()).want(position.sequence());
        crew.wake();
    }

    /** The position a source has durably reached; from there on it may write again if a write of it was refused. */
    public Optional<String> source(String name) {
        if (closed) throw new ForebayClosedException(settings.name() + " is closed", null);
        if (commit.isBroken(name)) onJournalThread(() -> commit.mend(name));
        return Optional.ofNullable(commit.source(name));
    }

    /** The row as it will be once all that is pending is flushed. */
    public Optional<Map<String, @Nullable Object>> read(TableDefinition table, RowKey key, int partition) {
        if (closed) throw new ForebayClosedException(settings.name() + " is closed", null);
        if (anyFenced.get() && crew.isFenced(partition)) throw haltedCopy(partition);
        return reads.read(partitions.get(partition), table.info(), key);
    }

    /** Starts a flush of everything pending now; completes when the database holds it. */
    public CompletableFuture<Void> flush() {
        List<CompletableFuture<?>> flushed = new ArrayList<>();
        for (Partition partition : partitions) {
            WindowAck newest = partition.flushAll();
            if (newest != null) flushed.add(newest.flushed());
        }
        journalRunner.wake();
        crew.wake();
        return CompletableFuture.allOf(flushed.toArray(CompletableFuture[]::new));
    }

    private void flushAndWait(int partition) {
        WindowAck newest = partitions.get(partition).flushAll();
        journalRunner.wake();
        crew.wake();
        if (newest != null) WriteAck.join(newest.flushed());
    }

    /** Starts a flush and waits until the database holds everything that was pending. */
    public void flushAndWait() {
        await(flush());
    }

    /** Waits for flushes, and throws what they failed with. */
    public static void await(CompletableFuture<Void> flushed) {
        WriteAck.join(flushed);
    }

    /** Lets partitions that stopped, but for fenced ones, go on. */
    public void resume() {
        crew.resume();
    }

    public Stats stats() {
        Optional<Duration> oldest = oldestPending();
        int halted = crew.haltedCount();
        Duration overdue =
                settings.flush().interval().plus(settings.flush().jitter()).multipliedBy(OVERDUE_INTERVALS);
        boolean healthy = halted == 0
                && !crew.isHanging()
                && oldest.map(age -> age.compareTo(overdue) < 0).orElse(true);
        return new Stats(
                budget.rows(),
                budget.bytes(),
                oldest,
                counters.mutations.sum(),
                counters.rows.sum(),
                counters.batches.sum(),
                counters.statements.sum(),
                counters.retries.sum(),
                counters.deadLetters.sum(),
                counters.ignored.sum(),
                commit.refused(),
                counters.revived.sum(),
                halted,
                journal.usedBytes(),
                healthy);
    }

    private Optional<Duration> oldestPending() {
        long now = nanoTime.getAsLong();
        long age = -1;
        for (Partition partition : partitions) {
            Long since = partition.oldestNanos();
            if (since != null) age = Math.max(age, now - since);
        }
        return age < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(age));
    }

    /**
     * Refuses new writes, flushes for at most {@code timeout}, forces the journal and stops the threads.
     *
     * @return how many pending rows stay in the journal, to be flushed after the next start
     */
    public synchronized long close(Duration timeout) {
        if (closed) return budget.rows();
        closed = true;
        long deadline = System.nanoTime() + timeout.toNanos();
        budget.close();
        try {
            WriteAck.join(flush(), timeout);
        } catch (RuntimeException e) {
            LOG.warn("{}: not everything was flushed before closing: {}", settings.name(), e.getMessage());
        }
        crew.stop(deadline);
        stopJournal();
        sink.close();
        long left = budget.rows();
        ForebayClosedException reason = new ForebayClosedException(
                settings.name() + " was closed before the database held the write; it stays in the journal", null);
        for (Partition partition : partitions) partition.failWaiters(reason);
        if (left > 0) LOG.warn("{}: closed with {} pending rows left in the journal", settings.name(), left);
        return left;
    }

    /** Ends the journal thread and does its last rounds here; an interrupt meanwhile would close the journal's files. */
    private void stopJournal() {
        boolean interrupted = Thread.interrupted();
        journalRunner.stop();
        while (!journalRunner.join(Long.MAX_VALUE)) interrupted |= Thread.interrupted();
        closePartitions();
        int windows;
        do windows = commit.runOnce();
        while (windows > 0);
        runJournalTasks();
        endJournal();
        if (interrupted) Thread.currentThread().interrupt();
    }

    /** From here on no write gets into a window that no round would carry. */
    private void closePartitions() {
        for (Partition partition : partitions) partition.lock();
        try {
            for (Partition partition : partitions) partition.close();
        } finally {
            for (Partition partition : partitions) partition.unlock();
        }
    }

    private void endJournal() {
        try {
            journal.close();
        } catch (ForebayException e) {
            LOG.warn(
                    "{}: the journal's end could not be marked, the next start treats this as a crash: {}",
                    settings.name(),
                    e.getMessage());
        }
    }
}
