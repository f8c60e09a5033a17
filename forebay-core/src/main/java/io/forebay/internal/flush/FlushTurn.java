package io.forebay.internal.flush;

import io.forebay.FlushPolicy;
import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.HaltedException;
import io.forebay.internal.codec.Seal;
import io.forebay.internal.commit.Seals;
import io.forebay.internal.pending.Partition;
import io.forebay.internal.pending.PendingBatch;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.FencedException;
import io.forebay.spi.MismatchException;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Sink;
import io.forebay.spi.TableDefinition;
import io.forebay.spi.Watermark;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * The flushes of one partition, one at a time: own it, seal a batch, journal the seal, apply the batch, let it go. One
 * runner at a time calls {@link #runOnce}; a turn whose runner hangs is abandoned and replaced by a new one, whose newer
 * epoch fences it.
 */
public final class FlushTurn {
    private static final Logger LOG = LoggerFactory.getLogger(FlushTurn.class);
    private static final long SEAL_TIMEOUT_SECONDS = 30;

    private final Context context;
    private final Partition partition;
    private final Backoff backoff;
    private final long intervalNanos;

    private @Nullable Watermark owned;
    private @Nullable Batch inFlight;
    private @Nullable PendingBatch source;
    private @Nullable CompletableFuture<Void> sealing;
    private boolean sealForced;
    private int mismatches;
    private boolean failing;
    private volatile long notBeforeNanos;
    private volatile @Nullable HaltedException halted;
    private volatile boolean fenced;
    private volatile boolean abandoned;
    private volatile boolean reownAsked;

    /**
     * What all turns of a database share.
     *
     * @param tables the definition of a table by name
     * @param anyFenced set once any partition was taken by a newer owner
     */
    public record Context(
            String database,
            UUID journal,
            Sink sink,
            Ownership ownership,
            Seals seals,
            FlushPolicy policy,
            Function<String, TableDefinition> tables,
            ForebayListener listener,
            Counters counters,
            LongSupplier nanoTime,
            AtomicBoolean anyFenced,
            RandomGenerator random) {}

    public FlushTurn(Context context, Partition partition) {
        this.context = context;
        this.partition = partition;
        FlushPolicy policy = context.policy();
        this.backoff = new Backoff(policy.retryMin(), policy.retryMax(), context.random());
        long jitter = policy.jitter().toNanos();
        this.intervalNanos = policy.interval().toNanos()
                + (jitter == 0 ? 0 : context.random().nextLong(jitter + 1));
        this.notBeforeNanos = context.nanoTime().getAsLong();
    }

    public Partition partition() {
        return partition;
    }

    /** Nanoseconds until there is something to do; zero or less when it is due, {@link Long#MAX_VALUE} when there is not. */
    public long dueInNanos() {
        if (halted != null) return Long.MAX_VALUE;
        long due = reownAsked ? 0 : partition.dueInNanos(intervalNanos);
        return due == Long.MAX_VALUE
                ? due
                : Math.max(due, notBeforeNanos - context.nanoTime().getAsLong());
    }

    /** Flushes at most one batch; returns how many rows it carried, 0 when there was nothing to do or it failed. */
    public int runOnce() {
        try {
            own();
            int rows = flush();
            backoff.reset();
            mismatches = 0;
            failing = false;
            return rows;
        } catch (FencedException e) {
            fenced(e);
        } catch (SchemaFaultException e) {
            halt(e);
        } catch (MismatchException e) {
            owned = null;
            if (++mismatches > 1) halt(e);
            else retry(e);
        } catch (ForebayException e) {
            retry(e);
        }
        return 0;
    }

    /**
     * Takes the partition if this turn does not own it yet.
     *
     * @throws MismatchException if database and journal do not belong together
     */
    public void own() {
        if (owned != null && !reownAsked) return;
        Ownership.Taken taken = take();
        forgetBatch();
        owned = taken == null ? null : taken.watermark();
        if (taken == null) return;
        context.listener()
                .owned(context.database(), partition.number(), taken.watermark().epoch());
        if (taken.rewound()) {
            long watermark = taken.watermark().sequence();
            LOG.warn(
                    "{}: the database has gone back to sequence {} of partition {}; kept windows are replayed",
                    context.database(),
                    watermark,
                    partition.number());
            context.listener().rewound(context.database(), partition.number(), watermark);
        }
    }

    private Ownership.@Nullable Taken take() {
        reownAsked = false;
        try {
            return context.ownership().take(partition);
        } catch (ForebayException e) {
            reownAsked = true;
            throw e;
        }
    }

    private void forgetBatch() {
        inFlight = null;
        source = null;
        sealing = null;
        sealForced = false;
    }

    private int flush() {
        Batch batch = nextBatch();
        if (batch == null) return 0;

        forceSeal(batch);
        long start = System.nanoTime();
        BatchResult result = context.sink().apply(batch);
        release(batch, result, Duration.ofNanos(System.nanoTime() - start));
        return batch.size();
    }

    private @Nullable Batch nextBatch() {
        PendingBatch pending = partition.seal();
        if (pending == null || owned == null) return null;
        if (pending != source) {
            source = pending;
            sealForced = false;
            sealing = seal(pending.from(), pending.to(), pending.id()); // is forced while the rows are sorted
            inFlight = batch(pending, owned.epoch());
        }
        return inFlight;
    }

    private Batch batch(PendingBatch pending, long epoch) {
        List<PendingRow> rows = pending.sortedRows();
        Map<String, TableDefinition> tables = new HashMap<>();
        for (PendingRow row : rows) define(row.key().table(), tables);
        for (PendingAppend append : pending.appends()) define(append.table(), tables);
        return new Batch(
                context.journal(),
                partition.number(),
                epoch,
                pending.from(),
                pending.to(),
                pending.id(),
                rows,
                pending.appends(),
                tables);
    }

    private void define(String table, Map<String, TableDefinition> tables) {
        if (!tables.containsKey(table)) tables.put(table, context.tables().apply(table));
    }

    /** Nothing is sent before the journal knows the batch's boundaries and id. */
    private void forceSeal(Batch batch) {
        if (sealForced) return;
        CompletableFuture<Void> forced = sealing;
        sealing = null; // if it fails, the next attempt asks again
        if (forced == null) forced = seal(batch.from(), batch.to(), batch.id());
        try {
            forced.get(SEAL_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SealException("interrupted while the seal was journaled", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new SealException("the seal of a batch could not be journaled", e);
        }
        sealForced = true;
        context.listener().sealed(context.database(), batch);
    }

    private CompletableFuture<Void> seal(long from, long to, UUID id) {
        return context.seals().seal(new Seal(partition.number(), from, to, id));
    }

    private void release(Batch batch, BatchResult result, Duration took) {
        PendingBatch applied = source;
        if (applied == null) return;
        forgetBatch();
        context.seals().reached(batch.partition(), new Watermark(batch.epoch(), batch.to(), batch.id()));
        context.counters().flushed(batch, result);
        partition.release(applied, result.deadLetters());
        context.listener().flushed(context.database(), batch, result, took);
        for (DeadLetter letter : result.deadLetters())
            context.listener().deadLettered(context.database(), batch, letter);
        if (!result.deadLetters().isEmpty()) {
            DeadLetter first = result.deadLetters().get(0);
            LOG.warn(
                    "{}: {} mutations of a batch went to the dead letters, the first for table {} with SQLSTATE {}",
                    context.database(),
                    result.deadLetters().size(),
                    first.table(),
                    first.state());
        }
    }

    private void retry(ForebayException reason) {
        if (abandoned) return;
        long wait = backoff.nextNanos();
        notBeforeNanos = context.nanoTime().getAsLong() + wait;
        context.counters().retries.increment();
        context.listener().retrying(context.database(), partition.number(), reason, Duration.ofNanos(wait));
        LOG.atLevel(failing ? Level.DEBUG : Level.WARN)
                .log(
                        "{}: flush of partition {} failed and is tried again: {}",
                        context.database(),
                        partition.number(),
                        reason.getMessage());
        failing = true;
    }

    private void fenced(FencedException reason) {
        if (context.ownership().mayComeBack()) {
            forgetBatch();
            partition.forget();
            reownAsked = true; // if the partition is still to be flushed here
            retry(reason);
            return;
        }
        fenced = true;
        context.anyFenced().set(true);
        halt(reason);
    }

    /** Stops the partition until a person has looked; a batch that is under way is still finished. Thread-safe. */
    public void halt(ForebayException reason) {
        if (abandoned) return;
        halted = new HaltedException(
                "%s: partition %d has stopped: %s"
                        .formatted(context.database(), partition.number(), reason.getMessage()),
                reason);
        LOG.error("{}", halted.getMessage());
        context.listener().halted(context.database(), partition.number(), reason);
        partition.failWaiters(halted);
    }

    /** Why the partition has stopped, or null. Thread-safe. */
    public @Nullable HaltedException halted() {
        return halted;
    }

    /** Whether a newer owner has taken the partition, so that nothing written here will reach the database. Thread-safe. */
    public boolean isFenced() {
        return fenced;
    }

    /** Takes the partition and reads its watermark again before the next flush. Thread-safe. */
    public void reown() {
        reownAsked = true;
    }

    /** Goes on after a person has looked; a fenced partition stays halted. Thread-safe. */
    public void resume() {
        if (fenced) return;
        reownAsked = true;
        partition.failWaiters(null);
        halted = null;
    }

    /** Leaves this turn to its hanging runner: whatever it still reports is ignored. Thread-safe. */
    public void abandon() {
        abandoned = true;
    }
}
