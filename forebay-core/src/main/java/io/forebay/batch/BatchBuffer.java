package io.forebay.batch;

import io.forebay.Ack;
import io.forebay.BufferPolicy;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.FullPolicy;
import io.forebay.JournalPolicy;
import io.forebay.internal.journal.FileDisk;
import io.forebay.internal.lifecycle.EmbeddedEngine;
import io.forebay.internal.lifecycle.Engine;
import io.forebay.internal.lifecycle.EngineSettings;
import io.forebay.internal.lifecycle.Write;
import io.forebay.internal.pending.Budget;
import io.forebay.internal.pending.Router;
import io.forebay.spi.Disk;
import io.forebay.spi.PendingAppend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Collects events and hands them to a {@link BatchHandler} in batches: write-behind for what is not a row of a database. On
 * the same engine as tables: partitions with triggers and room of their own, retries for ever, a watchdog, and, if wanted,
 * a journal. Thread-safe.
 *
 * <p>Events of one partition are handed over in the order they were added. A handler that throws, hangs or ends its thread
 * keeps its batch, which is handed over again, and holds up no other partition. Without a journal, events that were not handed over end
 * with the process; with one, each acknowledged event is handed over at least once, whenever the process dies.
 *
 * @param <T> the events; must not be changed once they are added
 * @param <R> what the handler returns of a batch
 */
public final class BatchBuffer<T, R extends @Nullable Object> implements AutoCloseable {
    private final String name;
    private final EmbeddedEngine engine;
    private final Events<T> events;
    private final HandlerSink<T, R> sink;
    private final Notices notices;
    private final int partitions;
    private final Durability durability;
    private final @Nullable Function<? super T, ?> keyOf;
    private final Router router;
    private final AtomicInteger next = new AtomicInteger();

    private BatchBuffer(
            Builder<T, R> builder, EmbeddedEngine engine, Events<T> events, HandlerSink<T, R> sink, Notices notices) {
        this.name = builder.name;
        this.engine = engine;
        this.events = events;
        this.sink = sink;
        this.notices = notices;
        this.partitions = builder.partitions;
        this.durability = engine.durability();
        this.keyOf = builder.keyOf;
        this.router = new Router(partitions);
    }

    /**
     * Begins the settings of a new one.
     *
     * @param name lower-case letters, digits, {@code _} and {@code -}; names its threads, its journal and its metrics
     */
    public static <T, R extends @Nullable Object> Builder<T, R> builder(String name, BatchHandler<T, R> handler) {
        return new Builder<>(name, handler);
    }

    /** As it was named. */
    public String name() {
        return name;
    }

    /**
     * Adds one event. Waits while its partition is full; if events go round, while all partitions are.
     *
     * @return completes at the buffer's durability; {@link Ack#awaitFlushed} when the handler has returned
     * @throws io.forebay.BufferFullException if there is no room in time, or at once if full buffers reject
     * @throws io.forebay.ForebayClosedException after {@link #close}
     */
    public Ack add(T event) {
        return inserted(1, () -> take(event));
    }

    /**
     * Adds events in their order. All are taken, or none is: in memory, and in the journal after a crash. Where events go
     * round they go to one partition together; there they may take more room than is left.
     *
     * @param added at least one
     * @return completes when all of them are as durable as the buffer's durability says
     * @throws IllegalArgumentException if there are none
     * @throws io.forebay.BufferFullException as {@link #add}
     * @throws io.forebay.ForebayClosedException after {@link #close}
     */
    public Ack addAll(Collection<? extends T> added) {
        if (added.isEmpty()) throw new IllegalArgumentException(name + ": addAll needs at least one event");
        return inserted(added.size(), () -> takeAll(added));
    }

    private Ack take(T event) {
        if (keyOf != null) return engine.write(write(event, keyOf), durability);
        PendingAppend append = events.append(event);
        return engine.writeAnywhere(turn(), partition -> new Write.Appended(partition, append), durability);
    }

    private Ack takeAll(Collection<? extends T> added) {
        if (keyOf != null) {
            List<Write> writes = new ArrayList<>(added.size());
            for (T event : added) writes.add(write(event, keyOf));
            return engine.write(writes, durability);
        }
        List<PendingAppend> appends = new ArrayList<>(added.size());
        for (T event : added) appends.add(events.append(event));
        return engine.writeAllAnywhere(turn(), partition -> toPartition(appends, partition), durability);
    }

    private static List<Write> toPartition(List<PendingAppend> appends, int partition) {
        List<Write> writes = new ArrayList<>(appends.size());
        for (PendingAppend append : appends) writes.add(new Write.Appended(partition, append));
        return writes;
    }

    private Ack inserted(int count, Supplier<Ack> insert) {
        notices.insertStarted(count);
        long start = System.nanoTime();
        Throwable failure = null;
        try {
            return insert.get();
        } catch (RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            notices.insertStopped(count, Duration.ofNanos(System.nanoTime() - start), failure);
        }
    }

    private Write write(T event, Function<? super T, ?> key) {
        return new Write.Appended(partition(event, key), events.append(event));
    }

    private int partition(T event, Function<? super T, ?> key) {
        Object value = key.apply(event);
        if (value == null)
            throw new IllegalArgumentException(name + ": the event has no key: partitionBy returned null");
        return router.partition(value);
    }

    private int turn() {
        return Math.floorMod(next.getAndIncrement(), partitions);
    }

    /**
     * Starts handing over everything added before; completes with what the handler returned of each batch meanwhile, in
     * the order it returned. Later events may be among them.
     */
    public CompletableFuture<List<R>> flush() {
        HandlerSink.Results<R> results = sink.collect();
        return engine.flush()
                .whenComplete((done, failure) -> sink.stopCollecting(results))
                .thenApply(done -> results.list());
    }

    /**
     * As {@link #flush}, and waits, however long the handler takes or fails. Must not be called by the handler.
     *
     * @throws io.forebay.ForebayClosedException if the buffer is closed meanwhile
     */
    public List<R> flushAndWait() {
        return Engine.await(flush());
    }

    /**
     * What no call of the handler has returned for, partition by partition, in order. Changes nothing. Each partition is
     * shown as it is at one moment.
     */
    public List<T> snapshot() {
        List<T> snapshot = new ArrayList<>();
        for (int i = 0; i < partitions; i++)
            for (PendingAppend append : engine.partition(i).appends()) snapshot.add(events.event(append));
        return snapshot;
    }

    /** How many events {@link #snapshot} would show. */
    public long size() {
        return engine.pendingRows();
    }

    /** Its state at this moment. */
    public BatchBufferInfo info() {
        List<BatchBufferInfo.Partition> infos = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            Budget budget = engine.budget(i);
            infos.add(new BatchBufferInfo.Partition(
                    i, budget.rows(), budget.bytes(), engine.oldestPending(i), sink.isHandling(i)));
        }
        return new BatchBufferInfo(name, infos, engine.stats());
    }

    /** Closes within {@link Forebay#CLOSE_TIMEOUT}. */
    @Override
    public void close() {
        close(Forebay.CLOSE_TIMEOUT);
    }

    /**
     * Refuses new events and hands over the others, for at most {@code timeout}; then a handler at work is interrupted. With
     * a journal, what is left is handed over after the next start. Closing again does nothing.
     *
     * @return how many events were not handled
     */
    public long close(Duration timeout) {
        return engine.close(timeout);
    }

    /**
     * Settings of a {@link BatchBuffer}. Not thread-safe.
     *
     * @param <T> the events
     * @param <R> what the handler returns of a batch
     */
    public static final class Builder<T, R extends @Nullable Object> {
        private static final int MAX_PARTITIONS = 256;

        private final String name;
        private final BatchHandler<T, R> handler;
        private int partitions = 1;
        private @Nullable Function<? super T, ?> keyOf;
        private FlushPolicy flush =
                FlushPolicy.DEFAULT.withMaxRows(5_000).withInterval(Duration.ofSeconds(10), Duration.ofSeconds(2));
        private BufferPolicy buffer = new BufferPolicy(64L << 20, 50_000, FullPolicy.BLOCK, Duration.ofSeconds(30));
        private @Nullable Object meta;
        private @Nullable Supplier<Disk> disk;
        private @Nullable EventCodec<T> codec;
        private JournalPolicy journal = JournalPolicy.DEFAULT;
        private @Nullable Durability durability;
        private BatchListener listener = BatchListener.NONE;

        private Builder(String name, BatchHandler<T, R> handler) {
            this.name = EngineSettings.requireName("buffer", name);
            this.handler = Objects.requireNonNull(handler, "handler");
        }

        /** How many partitions are filled and handed over beside each other, each on a thread: 1 to 256, default 1. */
        public Builder<T, R> partitions(int count) {
            if (count < 1 || count > MAX_PARTITIONS)
                throw new IllegalArgumentException(
                        "partitions must be between 1 and %d, was %d".formatted(MAX_PARTITIONS, count));
            partitions = count;
            return this;
        }

        /**
         * Events of one key go to one partition, and so keep their order. By default they go round, and order is kept only
         * within what happens to be in one partition.
         *
         * @param key never null; with a journal its text, or its hash if it is a string, number, boolean or UUID, must be
         *     the same in every run
         */
        public Builder<T, R> partitionBy(Function<? super T, ?> key) {
            keyOf = key;
            return this;
        }

        /** Events of one partition that start a flush, and the most one batch carries; 1 or more, default 5,000. */
        public Builder<T, R> maxSize(int events) {
            return maxSize(events, 0);
        }

        /** As {@link #maxSize(int)}, lowered in each partition by a random number of events up to {@code jitter}; default 0. */
        public Builder<T, R> maxSize(int events, int jitter) {
            flush = flush.withMaxRows(events, jitter);
            return this;
        }

        /**
         * Age of the oldest event that starts a flush, and the random time added to it in each partition; default 10 s and 2 s.
         */
        public Builder<T, R> flushInterval(Duration interval, Duration jitter) {
            flush = flush.withInterval(interval, jitter);
            return this;
        }

        /**
         * How long one call of the handler may take, default 60 s. Then its thread is interrupted; if it does not return
         * within as long again, at most 5 s, it is left to itself, and the batch is handed over again beside it.
         */
        public Builder<T, R> flushTimeout(Duration timeout) {
            flush = flush.withTimeout(timeout);
            return this;
        }

        /** Bounds of the random wait before a batch is handed over again; default 50 ms to 10 s, doubling. */
        public Builder<T, R> retry(Duration min, Duration max) {
            flush = flush.withRetry(min, max);
            return this;
        }

        /** Handed to the handler with every batch; default none. */
        public Builder<T, R> flushMeta(Object value) {
            meta = value;
            return this;
        }

        /**
         * How much may be pending in each partition, and what an event meets then; default 50,000 events or 64 MiB, and wait
         * for 30 s. Without a journal the size of an event is not known and counted as about 200 bytes.
         */
        public Builder<T, R> buffer(BufferPolicy policy) {
            buffer = policy;
            return this;
        }

        /**
         * Keeps events in a journal until they were handled; default none.
         *
         * @param directory the journal is in its subdirectory of the buffer's name; made if it is absent. On a local disk
         */
        public Builder<T, R> journal(Path directory, EventCodec<T> eventCodec) {
            return journal(() -> FileDisk.at(directory.resolve(name)), eventCodec);
        }

        /** As {@link #journal(Path, EventCodec)}, on a disk of one's own. */
        public Builder<T, R> journal(Supplier<Disk> on, EventCodec<T> eventCodec) {
            disk = on;
            codec = eventCodec;
            return this;
        }

        /** How the journal uses its disk; default {@link JournalPolicy#DEFAULT}. */
        public Builder<T, R> journalPolicy(JournalPolicy policy) {
            journal = policy;
            return this;
        }

        /** What acks wait for; default {@link Durability#SYNCED} with a journal, {@link Durability#MEMORY} without. */
        public Builder<T, R> durability(Durability level) {
            durability = level;
            return this;
        }

        /** Hears of every stage; default nobody. */
        public Builder<T, R> listener(BatchListener hearer) {
            listener = hearer;
            return this;
        }

        /**
         * Starts it; with a journal, what that holds is handed over again.
         *
         * @throws IllegalArgumentException if a durability is asked for that needs a journal, and there is none
         * @throws io.forebay.ForebayException if the journal is in use or damaged
         */
        public BatchBuffer<T, R> build() {
            Events<T> events = new Events<>(name, codec);
            Notices notices = new Notices(name, listener);
            HandlerSink<T, R> sink = new HandlerSink<>(name, handler, events::event, meta, notices);
            EmbeddedEngine engine = open(sink);
            engine.declare(events.table());
            return new BatchBuffer<>(this, engine, events, sink, notices);
        }

        private EmbeddedEngine open(HandlerSink<T, R> sink) {
            return disk == null
                    ? EmbeddedEngine.openUnjournaled(settings(unjournaled()), sink::startingAt)
                    : EmbeddedEngine.open(
                            settings(durability == null ? Durability.SYNCED : durability),
                            disk.get(),
                            sink::startingAt);
        }

        private Durability unjournaled() {
            if (durability == null) return Durability.MEMORY;
            if (durability == Durability.MEMORY || durability == Durability.FLUSHED) return durability;
            throw new IllegalArgumentException(
                    "buffer %s cannot be %s without a journal: give one, or ask for MEMORY or FLUSHED"
                            .formatted(name, durability));
        }

        private EngineSettings settings(Durability level) {
            return new EngineSettings(
                    name, EngineSettings.Target.HANDLER, partitions, level, flush, buffer, journal, listener);
        }
    }
}
