package io.forebay.internal.lifecycle;

import io.forebay.ForebayException;
import io.forebay.HaltedException;
import io.forebay.internal.pending.WindowAck;
import io.forebay.internal.share.FlushWaits;
import io.forebay.internal.share.Outbox;
import io.forebay.spi.Refused;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.Sink;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that asks the database how far it is, on behalf of those who wait for their writes to be there: whoever
 * flushes them may be another process. It asks often while somebody waits, and seldom otherwise.
 */
final class FlushWatch {
    private static final Logger LOG = LoggerFactory.getLogger(FlushWatch.class);
    private static final long URGENT_NANOS = 5_000_000L;
    private static final long CALM_NANOS = 500_000_000L;

    private final String database;
    private final Sink sink;
    private final SharedJournal journal;
    private final List<FlushWaits> waits;
    private final List<Outbox> outboxes;
    private final IntFunction<@Nullable HaltedException> halted;
    private final Runner runner;
    private final Queue<FlushAsk> asks = new ConcurrentLinkedQueue<>();
    private final Set<Integer> soon = ConcurrentHashMap.newKeySet();
    private boolean failing; // of the watching thread

    /** @param sent completes when all that was written before is in the journal */
    private record FlushAsk(int partition, CompletableFuture<Void> sent, CompletableFuture<Void> flushed) {}

    /** @param halted why a partition has stopped here, or null */
    FlushWatch(
            String database,
            Sink sink,
            SharedJournal journal,
            List<FlushWaits> waits,
            List<Outbox> outboxes,
            IntFunction<@Nullable HaltedException> halted) {
        this.database = database;
        this.sink = sink;
        this.journal = journal;
        this.waits = waits;
        this.outboxes = outboxes;
        this.halted = halted;
        this.runner = new Runner("forebay-" + database + "-watch", this::turn);
    }

    void start() {
        runner.start();
    }

    void wake() {
        runner.wake();
    }

    /** Completes when the database holds everything that is pending in the partition now, whoever wrote it. */
    CompletableFuture<Void> flush(int partition) {
        WindowAck newest = outboxes.get(partition).partition().newestAck();
        CompletableFuture<Void> sent = newest == null ? CompletableFuture.completedFuture(null) : newest.journaled();
        CompletableFuture<Void> flushed = new CompletableFuture<>();
        asks.add(new FlushAsk(partition, sent.whenComplete((nothing, failure) -> runner.wake()), flushed));
        runner.wake();
        return flushed;
    }

    /** Has the window flushed as soon as the journal holds it. */
    void flushSoon(WindowAck window) {
        CompletableFuture<Void> unused = window.journaled().thenRun(() -> {
            int partition = window.position().partition();
            waits.get(partition).want(window.position().sequence());
            soon.add(partition);
            runner.wake();
        });
    }

    private long turn() {
        try {
            for (int i = asks.size(); i > 0; i--) answer(asks.poll());
            for (int i = 0; i < waits.size(); i++) if (soon.remove(i)) ask(i);
            boolean somebody = waits.stream().anyMatch(each -> !each.isEmpty());
            if (somebody) ask();
            failing = false;
        } catch (TransientSinkException e) {
            if (!failing) LOG.warn("{}: how far the database is cannot be asked: {}", database, e.getMessage());
            failing = true;
            return CALM_NANOS;
        }
        boolean urgent = !asks.isEmpty() || waits.stream().anyMatch(FlushWaits::isUrgent);
        return urgent ? URGENT_NANOS : CALM_NANOS;
    }

    private void answer(@Nullable FlushAsk ask) {
        if (ask == null) return;
        if (!ask.sent().isDone()) {
            asks.add(ask);
            return;
        }
        try {
            long newest = journal.range(ask.partition()).newest();
            journal.flushSoon(ask.partition());
            waits.get(ask.partition()).await(newest, ask.flushed());
        } catch (TransientSinkException e) {
            asks.add(ask);
            throw e;
        } catch (ForebayException e) {
            ask.flushed().completeExceptionally(e);
        }
    }

    /** A request that did not get through is made again. */
    private void ask(int partition) {
        try {
            journal.flushSoon(partition);
        } catch (TransientSinkException e) {
            soon.add(partition);
            throw e;
        }
    }

    private void ask() {
        List<Watermark> watermarks = sink.watermarks(journal.id());
        for (int i = 0; i < watermarks.size(); i++) advance(i, watermarks.get(i).sequence());
    }

    private void advance(int partition, long watermark) {
        FlushWaits waiting = waits.get(partition);
        HaltedException reason = halted.apply(partition);
        if (reason != null) waiting.fail(reason);
        if (watermark <= waiting.reached()) return;
        List<Refused> refused = sink.refused(journal.id(), partition, waiting.reached());
        waiting.advance(watermark, refused);
    }

    void stop() {
        runner.stop();
        runner.join(1000);
    }
}
