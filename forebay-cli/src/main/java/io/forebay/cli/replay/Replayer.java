package io.forebay.cli.replay;

import io.forebay.Ack;
import io.forebay.BufferFullException;
import io.forebay.Forebay;
import io.forebay.HaltedException;
import io.forebay.JournalWriteException;
import io.forebay.Source;
import io.forebay.cli.CommandFailure;
import io.forebay.cli.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Writes the groups of an input one after the other: the next is read while the last is forced to disk, but written only
 * when that is certain, so that the position never passes a group that was refused.
 */
final class Replayer {
    private static final long LOOK_MILLIS = 100;
    private static final long RETRY_MILLIS = 200;

    private final Forebay forebay;
    private final Source source;
    private final ReplayTables tables;
    private final ReplayStop stop;
    private ReplayPosition written;

    Replayer(Forebay forebay, Source source, ReplayTables tables, ReplayStop stop, ReplayPosition start) {
        this.forebay = forebay;
        this.source = source;
        this.tables = tables;
        this.stop = stop;
        this.written = start;
    }

    /** Writes all of the input, or as much as there is time for before it is asked to stop. */
    void run(ReplayInput input, Progress progress) throws IOException, InterruptedException {
        ReplayInput.Group last = null;
        Ack ack = null;
        while (!stop.isAsked()) {
            ReplayInput.Group next = input.next();
            if (last != null && ack != null) settle(last, ack);
            if (next.lines().isEmpty() && next.end().compareTo(written) <= 0) return;

            ack = write(next);
            last = next;
            progress.to(input.bytesRead());
        }
        if (last != null && ack != null) settle(last, ack);
    }

    /** Makes sure that a group is forced to disk: one that was refused for certain is written again. */
    private void settle(ReplayInput.Group group, Ack first) throws InterruptedException {
        Ack ack = first;
        while (ack != null) {
            try {
                ack.await();
                written = group.end();
                return;
            } catch (JournalWriteException e) {
                if (stop.isAsked()) return;
                TimeUnit.MILLISECONDS.sleep(RETRY_MILLIS);
                ack = write(group);
            }
        }
    }

    /** Hands a group over, waiting for room as long as it takes; null if asked to stop before there is. */
    private @Nullable Ack write(ReplayInput.Group group) {
        while (true) {
            stop.throwIfHalted();
            try {
                return source.write(group.end().toString(), writes -> {
                    for (ReplayInput.Numbered numbered : group.lines())
                        tables.write(writes, numbered.number(), numbered.line());
                });
            } catch (BufferFullException e) {
                if (stop.isAsked()) return null;
            }
        }
    }

    /** Waits until the database has everything; false if asked to stop before. */
    boolean flush() throws InterruptedException {
        CompletableFuture<Void> flushed = forebay.flush();
        while (!stop.isAsked()) {
            try {
                flushed.get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException e) {
                stop.throwIfHalted();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof HaltedException halted) throw halted;
                throw new CommandFailure("the last flush failed: " + e.getCause(), e);
            }
        }
        return false;
    }

    /** Closes, flushing for a while; returns how many rows stay in the journal. */
    long close(Duration timeout) {
        return forebay.close(timeout);
    }

    /** How far the journal is for certain. */
    ReplayPosition written() {
        return written;
    }
}
