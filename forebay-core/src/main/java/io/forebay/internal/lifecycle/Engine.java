package io.forebay.internal.lifecycle;

import io.forebay.Ack;
import io.forebay.BufferPolicy;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.ForebayClosedException;
import io.forebay.ForebayListener;
import io.forebay.JournalPolicy;
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
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
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
    private final JournalKeeper keeper;
    private final Intake intake;
    private boolean closed; // guarded by this
    private final ReentrantLock attaching = new ReentrantLock();
    private boolean attached; // guarded by attaching
    private final AtomicBoolean anyFenced = new AtomicBoolean();

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
        JournalSettings journalSettings = new JournalSettings(settings.journal(), settings.partitions());
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
        this.router = new Router(settings.partitions());
        this.tables.putAll(recovery.tables());
        for (int i = 0; i < settings.partitions(); i++) partitions.add(partition(i, recovery.partition(i)));

        this.commit = new GroupCommit(settings.name(), journal, recovery, partitions, listener, this::wakeJournal);
        this.crew = crew(recovery);
        this.keeper = new JournalKeeper(
                settings.name(), settings.journal(), journal, commit, partitions, budget, crew, nanoTime);
        this.intake =
                new Intake(settings.name(), partitions, budget, commit, crew, keeper, counters, listener, anyFenced);
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

    private void wakeJournal() {
        keeper.wake();
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
        keeper.start();
        try {
            crew.ownAll();
        } catch (TransientSinkException e) {
            LOG.warn(
                    "{}: the database cannot be reached, writes are journaled until it can: {}",
                    settings.name(),
                    e.getMessage());
        } catch (RuntimeException e) {
            keeper.stop();
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
            if (known == null) keeper.run(() -> journal.attach(database));
            attached = true;
        } finally {
            attaching.unlock();
        }
    }

    private PartitionHistory reread(int partition) {
        Recovery kept = new Recovery(settings.partitions(), nanoTime.getAsLong(), true);
        keeper.run(() -> journal.reread(kept));
        return kept.partition(partition);
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
     * @throws io.forebay.HaltedException if its partition was taken by a newer owner
     * @throws io.forebay.ForebayClosedException if this engine is closed
     */
    public Ack write(Write write, Durability durability) {
        return intake.write(write, durability);
    }

    /**
     * Takes several writes and the position of what they come from; all are in one frame of the journal, or none is.
     *
     * @param writes at least one
     */
    public Ack write(List<Write> writes, String source, String position, Durability durability) {
        return intake.write(writes, source, position, durability);
    }

    /** The position a source has durably reached; from there on it may write again if a write of it was refused. */
    public Optional<String> source(String name) {
        intake.requireOpen();
        if (commit.isBroken(name)) keeper.run(() -> commit.mend(name));
        return Optional.ofNullable(commit.source(name));
    }

    /** The row as it will be once all that is pending is flushed. */
    public Optional<Map<String, @Nullable Object>> read(TableDefinition table, RowKey key, int partition) {
        intake.requireOpen();
        intake.requireNotFenced(partition);
        return reads.read(partitions.get(partition), table.info(), key);
    }

    /** Starts a flush of everything pending now; completes when the database holds it. */
    public CompletableFuture<Void> flush() {
        List<CompletableFuture<?>> flushed = new ArrayList<>();
        for (Partition partition : partitions) {
            WindowAck newest = partition.flushAll();
            if (newest != null) flushed.add(newest.flushed());
        }
        keeper.wake();
        crew.wake();
        return CompletableFuture.allOf(flushed.toArray(CompletableFuture[]::new));
    }

    private void flushAndWait(int partition) {
        WindowAck newest = partitions.get(partition).flushAll();
        keeper.wake();
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
        intake.close();
        long deadline = System.nanoTime() + timeout.toNanos();
        try {
            WriteAck.join(flush(), timeout);
        } catch (RuntimeException e) {
            LOG.warn("{}: not everything was flushed before closing: {}", settings.name(), e.getMessage());
        }
        crew.stop(deadline);
        keeper.stop();
        sink.close();
        long left = budget.rows();
        ForebayClosedException reason = new ForebayClosedException(
                settings.name() + " was closed before the database held the write; it stays in the journal", null);
        for (Partition partition : partitions) partition.failWaiters(reason);
        if (left > 0) LOG.warn("{}: closed with {} pending rows left in the journal", settings.name(), left);
        return left;
    }
}
