package io.forebay.internal.lifecycle;

import io.forebay.Ack;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.ForebayClosedException;
import io.forebay.ForebayListener;
import io.forebay.HaltedException;
import io.forebay.Position;
import io.forebay.Stats;
import io.forebay.internal.commit.GroupCommit;
import io.forebay.internal.commit.PartitionHistory;
import io.forebay.internal.commit.Recovery;
import io.forebay.internal.flush.Counters;
import io.forebay.internal.flush.FlushTurn;
import io.forebay.internal.flush.JournalOwnership;
import io.forebay.internal.flush.Ownership;
import io.forebay.internal.journal.FrameLog;
import io.forebay.internal.journal.Journal;
import io.forebay.internal.journal.JournalSettings;
import io.forebay.internal.journal.Unjournaled;
import io.forebay.internal.pending.Budget;
import io.forebay.internal.pending.Budgets;
import io.forebay.internal.pending.Partition;
import io.forebay.internal.pending.Router;
import io.forebay.internal.pending.WindowAck;
import io.forebay.internal.read.ExactRead;
import io.forebay.spi.Disk;
import io.forebay.spi.Overlay;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One named database, or one handler of batches: its journal, its partitions, and the threads between them. Thread-safe.
 *
 * <p>Threads: one writes the journal, a few flush, one watches over those. See docs/threads.md.
 */
public final class EmbeddedEngine implements Engine {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedEngine.class);
    private static final int MAX_FLUSH_THREADS = 4;

    private final EngineSettings settings;
    private final Sink sink;
    private final ForebayListener listener;
    private final LongSupplier nanoTime = System::nanoTime;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final FrameLog journal;
    private final UUID journalId;
    private final Budgets budgets;
    private final Router router;
    private final List<Partition> partitions = new ArrayList<>();
    private final Map<String, TableDefinition> tables = new ConcurrentHashMap<>();
    private final Counters counters = new Counters();
    private final GroupCommit commit;
    private final ExactRead reads;
    private final StatsReport report;
    private final FlushCrew crew;
    private final JournalKeeper keeper;
    private final Intake intake;
    private boolean closed; // guarded by this
    private final ReentrantLock attaching = new ReentrantLock();
    private boolean attached; // guarded by attaching
    private final AtomicBoolean anyFenced = new AtomicBoolean();

    /**
     * Opens the journal, takes the partitions if the database is there, and starts the threads.
     *
     * @throws io.forebay.ForebayException if the journal is in use or damaged, or the database is not the one it belongs to
     */
    public static EmbeddedEngine open(EngineSettings settings, Disk disk, Sink sink) {
        return open(settings, disk, watermarks -> sink);
    }

    /**
     * As {@link #open(EngineSettings, Disk, Sink)}, for a sink that has to be told what the journal says each partition has
     * reached.
     */
    public static EmbeddedEngine open(EngineSettings settings, Disk disk, Function<List<Watermark>, Sink> sinkOf) {
        Recovery recovery = new Recovery(settings.partitions(), System.nanoTime(), false);
        JournalSettings journalSettings = new JournalSettings(settings.journal(), settings.partitions());
        Journal journal = Journal.open(disk, journalSettings, System::nanoTime, recovery);
        return open(settings, journal, sinkOf, recovery);
    }

    /** Opens one without a journal: what is pending ends with this process. */
    public static EmbeddedEngine openUnjournaled(EngineSettings settings, Function<List<Watermark>, Sink> sinkOf) {
        Recovery nothing = new Recovery(settings.partitions(), System.nanoTime(), false);
        return open(settings, new Unjournaled(settings.partitions()), sinkOf, nothing);
    }

    private static EmbeddedEngine open(
            EngineSettings settings, FrameLog journal, Function<List<Watermark>, Sink> sinkOf, Recovery recovery) {
        try {
            List<Watermark> watermarks = new ArrayList<>();
            for (int i = 0; i < settings.partitions(); i++)
                watermarks.add(recovery.partition(i).watermark());
            EmbeddedEngine engine = new EmbeddedEngine(settings, sinkOf.apply(watermarks), journal, recovery);
            engine.start();
            return engine;
        } catch (RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    private EmbeddedEngine(EngineSettings settings, Sink sink, FrameLog journal, Recovery recovery) {
        this.settings = settings;
        this.sink = sink;
        this.journal = journal;
        this.journalId = journal.manifest().journal();
        this.listener = new SafeListener(settings.listener());
        this.budgets = isDatabase()
                ? Budgets.shared(settings.partitions(), budget())
                : Budgets.each(settings.partitions(), budget());
        this.router = new Router(settings.partitions());
        this.tables.putAll(recovery.tables());
        for (int i = 0; i < settings.partitions(); i++) partitions.add(partition(i, recovery.partition(i)));

        this.commit = new GroupCommit(
                settings.name(), journal, !isDatabase(), recovery, partitions, listener, this::wakeJournal);
        this.crew = crew(recovery);
        this.keeper = new JournalKeeper(
                settings.name(), settings.journal(), journal, commit, partitions, budgets, crew, nanoTime);
        this.intake = new Intake(settings.name(), partitions, budgets, downstream(), counters, listener);
        this.reads = new ExactRead(sink, journalId, this::overlay, crew::reown, this::flushAndWait);
        this.report = new StatsReport(settings, budgets, counters, crew, reads);
    }

    private boolean isDatabase() {
        return settings.target() == EngineSettings.Target.DATABASE;
    }

    private Budget budget() {
        return new Budget(
                settings.name(),
                settings.buffer(),
                journal::usedBytes,
                settings.journal().maxBytes() - settings.journal().segmentBytes());
    }

    private Partition partition(int number, PartitionHistory history) {
        FlushPolicy flush = settings.flush();
        int fewer = random.nextInt(flush.maxRowsJitter() + 1);
        return new Partition(
                number,
                flush.withMaxRows(flush.maxRows() - fewer),
                budgets.of(number),
                table -> definition(table).info(),
                nanoTime,
                history.lastSequence(),
                history.released(),
                history.windows());
    }

    private Downstream downstream() {
        return new Downstream() {
            @Override
            public void wake() {
                keeper.wake();
            }

            @Override
            public void hurry() {
                crew.wake();
            }

            @Override
            public void requireTaking(int partition) {
                requireNotFenced(partition);
            }

            @Override
            public boolean isBroken(String source) {
                return commit.isBroken(source);
            }

            @Override
            public void flushSoon(WindowAck window) {
                Position position = window.position();
                partitions.get(position.partition()).want(position.sequence());
                crew.wake();
            }

            @Override
            public Position position(WindowAck window) {
                return window.position();
            }
        };
    }

    private void requireNotFenced(int partition) {
        if (!anyFenced.get() || !crew.isFenced(partition)) return;
        HaltedException halted = crew.halted(partition);
        String message =
                halted == null ? "partition " + partition + " has stopped" : String.valueOf(halted.getMessage());
        throw new HaltedException(message, halted);
    }

    private void wakeJournal() {
        keeper.wake();
    }

    private FlushCrew crew(Recovery recovery) {
        Ownership ownership =
                new JournalOwnership(sink, journalId, commit, this::attach, recovery.partitions(), this::reread);
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
                random);
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
        crew.start(isDatabase() ? Math.min(settings.partitions(), MAX_FLUSH_THREADS) : settings.partitions());
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
        if (!isDatabase()) return commit.history(partition);
        Recovery kept = new Recovery(settings.partitions(), nanoTime.getAsLong(), true);
        keeper.run(() -> journal.reread(kept));
        return kept.partition(partition);
    }

    private TableDefinition definition(String table) {
        TableDefinition definition = tables.get(table);
        if (definition == null) throw new IllegalStateException("table " + table + " was never declared");
        return definition;
    }

    @Override
    public void declare(TableDefinition definition) {
        String name = definition.info().name();
        TableDefinition known = tables.get(name);
        if (definition.equals(known)) return;
        if (known != null && !known.isRoutedLike(definition) && budgets.rows() > 0)
            throw new IllegalStateException(
                    "%s: the routing of table %s cannot change while %d rows are pending: flush first"
                            .formatted(settings.name(), name, budgets.rows()));
        tables.put(name, definition);
        commit.define(definition);
    }

    @Override
    public @Nullable TableDefinition known(String table) {
        return tables.get(table);
    }

    @Override
    public Sink sink() {
        return sink;
    }

    @Override
    public Router router() {
        return router;
    }

    @Override
    public Durability durability() {
        return settings.durability();
    }

    @Override
    public Ack write(Write write, Durability durability) {
        return intake.write(write, durability);
    }

    @Override
    public Ack write(List<Write> writes, String source, String position, Durability durability) {
        return intake.write(writes, source, position, durability);
    }

    /**
     * Takes several writes; all are in one frame of the journal, or none is.
     *
     * @param writes at least one
     */
    public Ack write(List<Write> writes, Durability durability) {
        return intake.write(writes, durability);
    }

    /**
     * Takes one write that may go to any partition: the first with room, looking from {@code first} on.
     *
     * @param to the write, to a given partition
     */
    public Ack writeAnywhere(int first, IntFunction<Write> to, Durability durability) {
        return intake.writeAnywhere(first, to, durability);
    }

    /** As {@link #writeAnywhere}, for several writes to the same partition; all are in one frame, or none is. */
    public Ack writeAllAnywhere(int first, IntFunction<List<Write>> to, Durability durability) {
        return intake.writeAllAnywhere(first, to, durability);
    }

    /** What is pending in one partition counts on this. */
    public Budget budget(int partition) {
        return budgets.of(partition);
    }

    /** Pending rows of all partitions. */
    public long pendingRows() {
        return budgets.rows();
    }

    /** One of the partitions; for looking at, everything that changes goes through this engine. */
    public Partition partition(int number) {
        return partitions.get(number);
    }

    @Override
    public Optional<String> source(String name) {
        intake.requireOpen();
        if (commit.isBroken(name)) keeper.run(() -> commit.mend(name));
        return Optional.ofNullable(commit.source(name));
    }

    @Override
    public Optional<Map<String, @Nullable Object>> read(TableDefinition table, RowKey key, int partition) {
        intake.requireOpen();
        requireNotFenced(partition);
        return reads.read(partition, table.info(), key);
    }

    @Override
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

    private Overlay overlay(int partition, RowKey key) {
        return partitions.get(partition).overlay(key);
    }

    private void flushAndWait(int partition) {
        WindowAck newest = partitions.get(partition).flushAll();
        keeper.wake();
        crew.wake();
        if (newest != null) WriteAck.join(newest.flushed());
    }

    @Override
    public void resume() {
        crew.resume();
    }

    @Override
    public Stats stats() {
        return report.stats(budgets.rows(), oldestPending(), commit.refused(), journal.usedBytes());
    }

    private Optional<Duration> oldestPending() {
        return partitions.stream()
                .flatMap(partition -> oldestPending(partition.number()).stream())
                .max(Comparator.naturalOrder());
    }

    /** Age of the oldest pending mutation of one partition; empty if there is none. */
    public Optional<Duration> oldestPending(int partition) {
        Long since = partitions.get(partition).oldestNanos();
        return Optional.ofNullable(since).map(nanos -> Duration.ofNanos(nanoTime.getAsLong() - nanos));
    }

    @Override
    public synchronized long close(Duration timeout) {
        if (closed) return budgets.rows();
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
        long left = budgets.rows();
        String fate = journal.keepsFrames() ? "stays in the journal" : "is gone, for want of a journal";
        ForebayClosedException reason = new ForebayClosedException(
                "%s was closed before the write was flushed; it %s".formatted(settings.name(), fate), null);
        for (Partition partition : partitions) partition.failWaiters(reason);
        if (left > 0) LOG.warn("{}: closed with {} pending rows; each {}", settings.name(), left, fate);
        return left;
    }
}
