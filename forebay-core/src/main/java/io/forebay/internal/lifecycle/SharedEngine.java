package io.forebay.internal.lifecycle;

import io.forebay.Ack;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.ForebayClosedException;
import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.Position;
import io.forebay.Stats;
import io.forebay.internal.codec.Seal;
import io.forebay.internal.commit.Seals;
import io.forebay.internal.flush.Backoff;
import io.forebay.internal.flush.Counters;
import io.forebay.internal.flush.FlushTurn;
import io.forebay.internal.pending.Budget;
import io.forebay.internal.pending.Budgets;
import io.forebay.internal.pending.Partition;
import io.forebay.internal.pending.Router;
import io.forebay.internal.pending.WindowAck;
import io.forebay.internal.read.ExactRead;
import io.forebay.internal.share.FlushWaits;
import io.forebay.internal.share.Lane;
import io.forebay.internal.share.Outbox;
import io.forebay.internal.share.SharedOwnership;
import io.forebay.spi.Driver;
import io.forebay.spi.RowKey;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.Sink;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One named database behind a journal that several processes share: windows go out to it, and what this process is to
 * flush comes back. Thread-safe.
 *
 * <p>Threads: one sends, one feeds, one asks the database how far it is, a few flush, one watches over those. See
 * docs/threads.md.
 */
public final class SharedEngine implements Engine {
    private static final Logger LOG = LoggerFactory.getLogger(SharedEngine.class);
    private static final int MAX_FLUSH_THREADS = 4;
    private static final int MAX_WINDOW_ROWS = 1_000;
    private static final long MAX_WINDOW_BYTES = 512 << 10;

    private final EngineSettings settings;
    private final Sink sink;
    private final SharedJournal journal;
    private final ForebayListener listener;
    private final LongSupplier nanoTime = System::nanoTime;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Router router;
    private final Budgets budgets;
    private final Counters counters = new Counters();
    private final Map<String, TableDefinition> tables = new ConcurrentHashMap<>();
    private final List<Partition> written = new ArrayList<>();
    private final List<Outbox> outboxes = new ArrayList<>();
    private final List<FlushWaits> waits = new ArrayList<>();
    private final List<Lane> lanes = new ArrayList<>();
    private final FlushCrew crew;
    private final @Nullable Feeder feeder;
    private final FlushWatch watch;
    private final Runner sender;
    private final Intake intake;
    private final ExactRead reads;
    private final StatsReport report;
    private final ReentrantLock attaching = new ReentrantLock();
    private boolean attached; // guarded by attaching
    private boolean closed; // guarded by this

    /**
     * Opens the shared journal and starts the threads.
     *
     * @param flushes whether this process takes part in flushing
     * @throws ForebayException if the journal cannot be opened, or the database does not fit it
     */
    public static SharedEngine open(EngineSettings settings, Driver driver, Sink sink, boolean flushes) {
        SharedJournal journal =
                driver.open(new Driver.Settings(settings.name(), settings.partitions(), settings.flush()));
        try {
            SharedEngine engine = new SharedEngine(settings, journal, sink, flushes);
            engine.start();
            return engine;
        } catch (RuntimeException e) {
            journal.close();
            throw e;
        }
    }

    private SharedEngine(EngineSettings settings, SharedJournal journal, Sink sink, boolean flushes) {
        this.settings = settings;
        this.journal = journal;
        this.sink = sink;
        this.listener = new SafeListener(settings.listener());
        this.router = new Router(settings.partitions());
        this.budgets = Budgets.shared(settings.partitions(), budget(journal::backlogBytes));
        this.sender = new Runner("forebay-" + settings.name() + "-send", this::send);
        Budget flushing = budget(() -> 0);
        for (int i = 0; i < settings.partitions(); i++) add(i, flushing);

        this.crew = crew();
        this.watch = new FlushWatch(settings.name(), sink, journal, waits, outboxes, crew::halted);
        this.feeder = flushes ? feeder() : null;
        this.intake = new Intake(settings.name(), written, budgets, downstream(), counters, listener);
        this.reads = new ExactRead(
                sink,
                journal.id(),
                (partition, key) -> outboxes.get(partition).overlay(key),
                crew::reown,
                partition -> Engine.await(watch.flush(partition)));
        this.report = new StatsReport(settings, budgets, counters, crew, reads);
    }

    private Budget budget(LongSupplier backlog) {
        return new Budget(
                settings.name(), settings.buffer(), backlog, settings.journal().maxBytes());
    }

    private void add(int number, Budget flushing) {
        FlushPolicy flush = settings.flush();
        FlushPolicy windows = flush.withMaxRows(Math.min(flush.maxRows(), MAX_WINDOW_ROWS))
                .withMaxBytes(Math.min(flush.maxBytes(), MAX_WINDOW_BYTES));
        Partition outgoing = partition(number, windows, budgets.of(number));
        FlushWaits flushed = new FlushWaits();
        written.add(outgoing);
        waits.add(flushed);
        outboxes.add(new Outbox(
                settings.name(),
                outgoing,
                journal,
                new Backoff(flush.retryMin(), flush.retryMax(), random),
                listener,
                nanoTime,
                flushed::add,
                sender::wake));
        lanes.add(new Lane(partition(number, flush, flushing), 2 * flush.maxRows()));
    }

    private Partition partition(int number, FlushPolicy policy, Budget budget) {
        return new Partition(number, policy, budget, table -> definition(table).info(), nanoTime, 0, 0, List.of());
    }

    private FlushCrew crew() {
        FlushTurn.Context context = new FlushTurn.Context(
                settings.name(),
                journal.id(),
                sink,
                new SharedOwnership(sink, journal, this::attach, lanes),
                seals(),
                settings.flush(),
                this::definition,
                listener,
                counters,
                nanoTime,
                new AtomicBoolean(),
                random);
        return new FlushCrew(
                settings.name(),
                journal.id(),
                sink,
                lanes.stream().map(Lane::partition).toList(),
                partition -> new FlushTurn(context, partition),
                settings.flush().timeout(),
                counters,
                listener,
                nanoTime);
    }

    private Feeder feeder() {
        return new Feeder(
                settings.name(),
                journal,
                lanes,
                crew,
                table -> definition(table).info(),
                nanoTime);
    }

    /** A seal needs no note: what is acknowledged is in the journal for good, so a watermark of it is never a stranger's. */
    private Seals seals() {
        return new Seals() {
            @Override
            public CompletableFuture<Void> seal(Seal seal) {
                return CompletableFuture.completedFuture(null);
            }

            @Override
            public void reached(int partition, Watermark watermark) {
                watch.wake();
            }
        };
    }

    private Downstream downstream() {
        return new Downstream() {
            @Override
            public void wake() {
                sender.wake();
            }

            @Override
            public void hurry() {
                crew.wake();
            }

            @Override
            public void requireTaking(int partition) {
                journal.requireWritable();
            }

            @Override
            public boolean isBroken(String source) {
                return false;
            }

            @Override
            public void flushSoon(WindowAck window) {
                watch.flushSoon(window);
            }

            @Override
            public Position position(WindowAck window) {
                WriteAck.join(window.journaled());
                return window.position();
            }
        };
    }

    private void start() {
        try {
            attach();
        } catch (TransientSinkException e) {
            LOG.warn(
                    "{}: the database cannot be reached, writes are kept by {} until it can: {}",
                    settings.name(),
                    journal.description(),
                    e.getMessage());
        }
        sender.start();
        watch.start();
        crew.start(Math.min(settings.partitions(), MAX_FLUSH_THREADS));
        if (feeder != null) feeder.start();
    }

    /** Makes sure that the database knows the journal. */
    private void attach() {
        attaching.lock();
        try {
            if (attached) return;
            sink.attach(journal.id(), settings.partitions(), null);
            attached = true;
        } finally {
            attaching.unlock();
        }
    }

    private long send() {
        long sleep = Long.MAX_VALUE;
        for (Outbox outbox : outboxes) sleep = Math.min(sleep, outbox.sendNext());
        return sleep;
    }

    /** Of a table that only another process has declared, what that one said. */
    private TableDefinition definition(String table) {
        TableDefinition here = tables.get(table);
        if (here != null) return here;
        TableDefinition shared = journal.definition(table)
                .orElseThrow(() -> new IllegalStateException("table " + table + " was never declared"));
        TableDefinition raced = tables.putIfAbsent(table, shared);
        return raced == null ? shared : raced;
    }

    @Override
    public void declare(TableDefinition definition) {
        String name = definition.info().name();
        if (definition.equals(tables.get(name))) return;
        TableDefinition known = known(name);
        if (known != null && !known.isRoutedLike(definition))
            throw new IllegalStateException(
                    "%s: table %s is routed differently by those who share %s: all have to declare it in the same way"
                            .formatted(settings.name(), name, journal.description()));
        if (!definition.equals(known)) journal.define(definition);
        tables.put(name, definition);
    }

    @Override
    public @Nullable TableDefinition known(String table) {
        return journal.definition(table).orElse(null);
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
        throw sourcesAreNotShared();
    }

    @Override
    public Optional<String> source(String name) {
        throw sourcesAreNotShared();
    }

    private UnsupportedOperationException sourcesAreNotShared() {
        return new UnsupportedOperationException("%s: sources need a journal of one's own; %s is shared"
                .formatted(settings.name(), journal.description()));
    }

    @Override
    public Optional<Map<String, @Nullable Object>> read(TableDefinition table, RowKey key, int partition) {
        intake.requireOpen();
        return reads.read(partition, table.info(), key);
    }

    @Override
    public CompletableFuture<Void> flush() {
        CompletableFuture<?>[] flushed = written.stream()
                .map(partition -> watch.flush(partition.number()))
                .toArray(CompletableFuture[]::new);
        return CompletableFuture.allOf(flushed);
    }

    @Override
    public void resume() {
        crew.resume();
    }

    @Override
    public Stats stats() {
        long rows = budgets.rows()
                + lanes.stream()
                        .mapToLong(lane -> lane.partition().pendingRows())
                        .sum();
        long refused = outboxes.stream().mapToLong(Outbox::refused).sum();
        return report.stats(rows, oldestPending(), refused, journal.backlogBytes());
    }

    private Optional<Duration> oldestPending() {
        long now = nanoTime.getAsLong();
        return Stream.concat(written.stream(), lanes.stream().map(Lane::partition))
                .map(Partition::oldestNanos)
                .filter(Objects::nonNull)
                .map(nanos -> Duration.ofNanos(now - nanos))
                .max(Comparator.naturalOrder());
    }

    /**
     * Refuses new writes, sends what is here to the journal, flushes for at most {@code timeout}, and gives its partitions
     * back.
     *
     * @return how many pending rows did not get into the journal: they are gone, and their acks say so
     */
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
        if (feeder != null) feeder.stop();
        crew.stop(deadline);
        if (feeder != null) feeder.giveBack();
        stopSending();
        watch.stop();
        journal.close();
        sink.close();

        long left = budgets.rows();
        for (FlushWaits flushed : waits) flushed.fail(closedBefore("flushed; it stays in " + journal.description()));
        if (left > 0)
            LOG.warn("{}: closed with {} rows that did not get into {}", settings.name(), left, journal.description());
        return left;
    }

    private void stopSending() {
        sender.stop();
        sender.join(1000);
        for (Outbox outbox : outboxes) outbox.close(closedBefore("known to be in " + journal.description()));
    }

    private ForebayClosedException closedBefore(String what) {
        return new ForebayClosedException(
                "%s was closed before the write was %s".formatted(settings.name(), what), null);
    }
}
