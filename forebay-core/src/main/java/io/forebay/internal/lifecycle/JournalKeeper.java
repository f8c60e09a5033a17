package io.forebay.internal.lifecycle;

import io.forebay.ForebayException;
import io.forebay.JournalException;
import io.forebay.JournalPolicy;
import io.forebay.internal.commit.GroupCommit;
import io.forebay.internal.journal.FrameLog;
import io.forebay.internal.pending.Budgets;
import io.forebay.internal.pending.Partition;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The journal's thread: it commits what the partitions have, runs tasks of others, and keeps the journal's disk small. */
final class JournalKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(JournalKeeper.class);
    private static final long RELEASE_EVERY_NANOS = 1_000_000_000L;
    private static final long IDLE_NANOS = 1_000_000_000L;
    private static final long REWRITE_EVERY_NANOS = 60_000_000_000L;
    private static final long PRESSED_NANOS = 20_000_000L;

    private final String database;
    private final JournalPolicy policy;
    private final FrameLog journal;
    private final GroupCommit commit;
    private final List<Partition> partitions;
    private final Budgets budgets;
    private final FlushCrew crew;
    private final LongSupplier nanoTime;
    private final Runner runner;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final long[] rewrittenUpTo; // of the journal thread, like the two below
    private long lastReleaseNanos;
    private long lastRewriteNanos;

    JournalKeeper(
            String database,
            JournalPolicy policy,
            FrameLog journal,
            GroupCommit commit,
            List<Partition> partitions,
            Budgets budgets,
            FlushCrew crew,
            LongSupplier nanoTime) {
        this.database = database;
        this.policy = policy;
        this.journal = journal;
        this.commit = commit;
        this.partitions = partitions;
        this.budgets = budgets;
        this.crew = crew;
        this.nanoTime = nanoTime;
        this.rewrittenUpTo = new long[partitions.size()];
        this.lastRewriteNanos = nanoTime.getAsLong() - REWRITE_EVERY_NANOS - 1;
        this.runner = new Runner("forebay-" + database + "-journal", this::turn);
    }

    void start() {
        runner.start();
    }

    /** Lets the thread look for windows and tasks. */
    void wake() {
        runner.wake();
    }

    /** Runs a task on the journal's thread, the only one that may touch the journal, and waits for it. */
    void run(Runnable task) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        tasks.add(() -> {
            try {
                task.run();
                done.complete(null);
            } catch (RuntimeException e) {
                done.completeExceptionally(e);
            }
        });
        runner.wake();
        WriteAck.join(done);
    }

    private long turn() {
        runTasks();
        int windows = commit.runOnce();
        releaseSegments();
        if (windows == 0) return budgets.haveRoom() ? IDLE_NANOS : PRESSED_NANOS;
        crew.wake();
        return 0;
    }

    private void runTasks() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) task.run();
    }

    private void releaseSegments() {
        long now = nanoTime.getAsLong();
        if (now - lastReleaseNanos < (budgets.haveRoom() ? RELEASE_EVERY_NANOS : PRESSED_NANOS)) return;
        lastReleaseNanos = now;
        long rewriteEvery = budgets.haveRoom() ? REWRITE_EVERY_NANOS : RELEASE_EVERY_NANOS;
        if (now - lastRewriteNanos > rewriteEvery && journal.usedBytes() > policy.maxBytes() / 2) rewriteHalted(now);
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
                        database,
                        partition.number(),
                        e.getMessage());
            }
        }
    }

    /** Ends the journal thread and does its last rounds here; an interrupt meanwhile would close the journal's files. */
    void stop() {
        boolean interrupted = Thread.interrupted();
        runner.stop();
        while (!runner.join(Long.MAX_VALUE)) interrupted |= Thread.interrupted();
        closePartitions();
        int windows;
        do windows = commit.runOnce();
        while (windows > 0);
        runTasks();
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
                    database,
                    e.getMessage());
        }
    }
}
