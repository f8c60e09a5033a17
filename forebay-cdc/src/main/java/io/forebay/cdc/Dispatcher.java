package io.forebay.cdc;

import io.forebay.cdc.event.ChangeRecord;
import io.forebay.spi.InvalidationTarget;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the calls that {@link Lanes} asks for, and writes dead letters. One thread runs it; everything else is thread-safe. */
final class Dispatcher implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);
    private static final long DEAD_LETTER_PAUSE_MILLIS = 200;
    private static final int MAX_REASON_CHARS = 1000;

    private final Lanes lanes;
    private final InvalidationTarget cache;
    private final DeadLetters deadLetters;
    private final Duration callTimeout;
    private final InstantSource clock;
    private final CdcListener listener;
    private final LinkedBlockingQueue<Letter> letters = new LinkedBlockingQueue<>();
    private final Semaphore signal = new Semaphore(0);
    private volatile boolean stopped;
    private volatile boolean warned; // that the cache does not answer

    /** A dead letter to be written, and who waits for that. */
    private record Letter(DeadLetter letter, Runnable written) {}

    Dispatcher(
            Lanes lanes,
            InvalidationTarget cache,
            DeadLetters deadLetters,
            Duration callTimeout,
            InstantSource clock,
            CdcListener listener) {
        this.lanes = lanes;
        this.cache = cache;
        this.deadLetters = deadLetters;
        this.callTimeout = callTimeout;
        this.clock = clock;
        this.listener = listener;
    }

    void add(Map<Target, Action> actions, Waiter waiter) {
        lanes.add(actions, waiter);
        signal.release();
    }

    /** Writes a dead letter for a record, and then runs {@code written}. */
    void giveUp(ChangeRecord record, @Nullable String reason, Runnable written) {
        String text = String.valueOf(reason);
        String shortened = text.substring(0, Math.min(text.length(), MAX_REASON_CHARS));
        letters.add(new Letter(new DeadLetter(record, shortened, clock.instant()), written));
        signal.release();
    }

    void stop() {
        stopped = true;
        signal.release();
    }

    @Override
    public void run() {
        try {
            while (!stopped) {
                long idleNanos = runOnce();
                if (signal.tryAcquire(idleNanos, TimeUnit.NANOSECONDS)) signal.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Makes all calls that can be made now; returns how long there is nothing to do then. */
    long runOnce() throws InterruptedException {
        for (Letter letter = letters.poll(); letter != null; letter = letters.poll()) write(letter);
        for (Call call = lanes.next(); call != null; call = lanes.next()) send(call);
        return lanes.idleNanos();
    }

    private void send(Call call) {
        CompletionStage<Void> answer =
                call.send(cache).toCompletableFuture().copy().orTimeout(callTimeout.toNanos(), TimeUnit.NANOSECONDS);
        answer.whenComplete((done, error) -> ended(call, error));
    }

    private void ended(Call call, @Nullable Throwable error) {
        Throwable cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        Lanes.Outcome outcome = cause == null ? acknowledged(call) : failed(call, cause);
        outcome.done().forEach(Waiter::done);
        outcome.refused().forEach(this::giveUp);
        signal.release();
    }

    private Lanes.Outcome acknowledged(Call call) {
        if (warned) {
            warned = false;
            LOG.info("the cache answers again");
        }
        call.actions().forEach((lane, action) -> {
            if (lane.target().kind() == Target.Kind.EVERYTHING) listener.flushed(action.reason());
        });
        return lanes.acknowledged(call);
    }

    private Lanes.Outcome failed(Call call, Throwable error) {
        listener.retried(call.actions().size(), error);
        Lanes.Outcome outcome = lanes.failed(call, error);
        if (warned || !lanes.isAway()) {
            LOG.debug("{} targets are tried again", call.actions().size(), error);
        } else {
            warned = true;
            LOG.warn("the cache does not answer; asking again until it does: {}", error.toString());
        }
        return outcome;
    }

    /** The last record stands for those it was merged with. */
    private void giveUp(Lanes.Refused refused) {
        for (int i = refused.waiters().size() - 1; i >= 0; i--) {
            ChangeRecord record = refused.waiters().get(i).record();
            if (record == null) continue;
            giveUp(
                    record,
                    "the cache refused it: " + refused.error(),
                    () -> refused.waiters().forEach(Waiter::refused));
            return;
        }
        refused.waiters().forEach(Waiter::refused);
    }

    /** Tries again until it is durable: what is not there must not be forgotten. */
    private void write(Letter letter) throws InterruptedException {
        try {
            deadLetters.add(letter.letter());
        } catch (RuntimeException e) {
            LOG.warn(
                    "a dead letter for {} could not be written; trying again",
                    letter.letter().record().place(),
                    e);
            letters.add(letter);
            TimeUnit.MILLISECONDS.sleep(DEAD_LETTER_PAUSE_MILLIS);
            return;
        }
        LOG.warn(
                "{} is in the dead letters: {}",
                letter.letter().record().place(),
                letter.letter().reason());
        listener.deadLettered(letter.letter());
        letter.written().run();
    }
}
