package io.forebay.internal.lifecycle;

import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.HaltedException;
import io.forebay.internal.flush.Counters;
import io.forebay.internal.flush.FlushTurn;
import io.forebay.internal.pending.Partition;
import io.forebay.spi.Sink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads that flush, and the watchdog over them. A partition is flushed by one runner at a time; any runner takes
 * whichever is due. A flush that hangs is cancelled; if that does not help, its runner is given up and replaced, and the
 * partition gets a new turn, whose newer epoch fences the old one.
 *
 * <p>Threads are never interrupted: an interrupt in the middle of a file operation closes the file, and with it a database
 * that runs in this process.
 */
final class FlushCrew {
    private static final Logger LOG = LoggerFactory.getLogger(FlushCrew.class);
    private static final long MAX_SLEEP_NANOS = 1_000_000_000L;
    private static final long WATCH_NANOS = 200_000_000L;
    private static final long MAX_GRACE_NANOS = 5_000_000_000L;

    private final String database;
    private final UUID journal;
    private final Sink sink;
    private final Function<Partition, FlushTurn> newTurn;
    private final Counters counters;
    private final ForebayListener listener;
    private final LongSupplier nanoTime;
    private final long hangNanos;

    private final ReentrantLock lock = new ReentrantLock();
    private final List<Seat> seats = new ArrayList<>(); // guarded by lock: one per partition
    private final List<Worker> workers = new ArrayList<>(); // guarded by lock
    private final Runner watchdog;
    private boolean stopped; // guarded by lock
    private int started; // guarded by lock

    /** A partition's place: its turn, and who is at work there. */
    private static final class Seat {
        private FlushTurn turn;
        private @Nullable Worker worker;
        private long sinceNanos;
        private boolean cancelled;

        private Seat(FlushTurn turn) {
            this.turn = turn;
        }
    }

    /** One flushing thread. */
    private final class Worker {
        private final Runner runner = new Runner("forebay-" + database + "-flush-" + started++, this::turn);
        private volatile boolean dismissed;

        private long turn() {
            Seat seat = dismissed ? null : take(this);
            if (seat == null) return sleepNanos();
            FlushTurn turn = seat.turn;
            try {
                turn.runOnce();
            } finally {
                leave(seat, turn);
            }
            return 0;
        }
    }

    FlushCrew(
            String database,
            UUID journal,
            Sink sink,
            List<Partition> partitions,
            Function<Partition, FlushTurn> newTurn,
            Duration flushTimeout,
            Counters counters,
            ForebayListener listener,
            LongSupplier nanoTime) {
        this.database = database;
        this.journal = journal;
        this.sink = sink;
        this.newTurn = newTurn;
        this.counters = counters;
        this.listener = listener;
        this.nanoTime = nanoTime;
        this.hangNanos = flushTimeout.toNanos() + Math.min(flushTimeout.toNanos(), MAX_GRACE_NANOS);
        for (Partition partition : partitions) seats.add(new Seat(newTurn.apply(partition)));
        this.watchdog = new Runner("forebay-" + database + "-watchdog", this::watch);
    }

    /** Takes every partition, before any thread runs. */
    void ownAll() {
        for (Seat seat : seats) seat.turn.own();
    }

    void start(int threads) {
        lock.lock();
        try {
            for (int i = 0; i < threads; i++) hire();
        } finally {
            lock.unlock();
        }
        watchdog.start();
    }

    private void hire() {
        Worker worker = new Worker();
        workers.add(worker);
        worker.runner.start();
    }

    private @Nullable Seat take(Worker worker) {
        lock.lock();
        try {
            if (stopped) return null;
            Seat due = mostOverdue();
            if (due == null) return null;
            due.worker = worker;
            due.sinceNanos = nanoTime.getAsLong();
            due.cancelled = false;
            return due;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Seat mostOverdue() {
        Seat best = null;
        long bestDue = 1;
        for (Seat seat : seats) {
            if (seat.worker != null) continue;
            long due = seat.turn.dueInNanos();
            if (due > 0 || due >= bestDue) continue;
            best = seat;
            bestDue = due;
        }
        return best;
    }

    private void leave(Seat seat, FlushTurn turn) {
        lock.lock();
        try {
            if (seat.turn == turn) seat.worker = null;
        } finally {
            lock.unlock();
        }
    }

    private long sleepNanos() {
        long sleep = MAX_SLEEP_NANOS;
        lock.lock();
        try {
            for (Seat seat : seats) if (seat.worker == null) sleep = Math.min(sleep, seat.turn.dueInNanos());
        } finally {
            lock.unlock();
        }
        return Math.max(1, sleep);
    }

    /** Lets sleeping runners look for due partitions. */
    void wake() {
        for (Worker worker : snapshot()) worker.runner.wake();
    }

    private List<Worker> snapshot() {
        lock.lock();
        try {
            return List.copyOf(workers);
        } finally {
            lock.unlock();
        }
    }

    /** One look of the watchdog. */
    private long watch() {
        List<Seat> hung = new ArrayList<>();
        int dead;
        lock.lock();
        try {
            if (stopped) return WATCH_NANOS;
            for (Seat seat : seats) if (isHung(seat)) hung.add(seat);
            dead = replaceDead();
        } finally {
            lock.unlock();
        }
        for (int i = 0; i < dead; i++) report("a flush runner died and was replaced");
        for (Seat seat : hung) rescue(seat);
        return WATCH_NANOS;
    }

    private boolean isHung(Seat seat) {
        return seat.worker != null && nanoTime.getAsLong() - seat.sinceNanos > hangNanos;
    }

    private int replaceDead() {
        int dead = 0;
        for (Worker worker : List.copyOf(workers)) {
            if (worker.runner.isAlive()) continue;
            workers.remove(worker);
            for (Seat seat : seats) if (seat.worker == worker) replaceTurn(seat);
            hire();
            dead++;
        }
        return dead;
    }

    private void rescue(Seat seat) {
        int partition = seat.turn.partition().number();
        if (!seat.cancelled) {
            seat.cancelled = true;
            seat.sinceNanos = nanoTime.getAsLong();
            report("the flush of partition " + partition + " hung and is cancelled");
            sink.abort(journal, partition);
            return;
        }
        lock.lock();
        try {
            Worker worker = seat.worker;
            if (worker == null) return;
            worker.dismissed = true;
            worker.runner.stop();
            workers.remove(worker);
            replaceTurn(seat);
            hire();
        } finally {
            lock.unlock();
        }
        report("the runner of partition " + partition + " ignored the cancellation and was replaced");
    }

    private void replaceTurn(Seat seat) {
        Partition partition = seat.turn.partition();
        seat.turn.abandon();
        seat.turn = newTurn.apply(partition);
        seat.worker = null;
    }

    private void report(String what) {
        counters.revived.increment();
        LOG.warn("{}: {}", database, what);
        listener.revived(database, what);
    }

    /** The reason a partition has stopped, or null. */
    @Nullable
    HaltedException halted(int partition) {
        return turn(partition).halted();
    }

    boolean isFenced(int partition) {
        return turn(partition).isFenced();
    }

    void reown(int partition) {
        turn(partition).reown();
        wake();
    }

    /** A partition of which nothing more can be flushed until a person has looked. */
    void halt(int partition, ForebayException reason) {
        turn(partition).halt(reason);
    }

    void resume() {
        for (Seat seat : seats) turn(seat.turn.partition().number()).resume();
        wake();
    }

    private FlushTurn turn(int partition) {
        lock.lock();
        try {
            return seats.get(partition).turn;
        } finally {
            lock.unlock();
        }
    }

    /** Partitions that have stopped. */
    int haltedCount() {
        int count = 0;
        for (int i = 0; i < seats.size(); i++) if (halted(i) != null) count++;
        return count;
    }

    /** Whether a flush hangs right now. */
    boolean isHanging() {
        lock.lock();
        try {
            for (Seat seat : seats) if (isHung(seat) || seat.worker != null && seat.cancelled) return true;
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Lets flushes in progress end until the deadline, then cuts them off: their outcome is found out at the next start. */
    void stop(long deadlineNanos) {
        lock.lock();
        try {
            stopped = true;
        } finally {
            lock.unlock();
        }
        watchdog.stop();
        List<Worker> all = snapshot();
        for (Worker worker : all) worker.runner.stop();
        for (Worker worker : all) if (!worker.runner.join(millisUntil(deadlineNanos))) cutOff(worker);
        watchdog.join(1000);
    }

    private void cutOff(Worker worker) {
        lock.lock();
        try {
            for (Seat seat : seats)
                if (seat.worker == worker)
                    sink.abort(journal, seat.turn.partition().number());
        } finally {
            lock.unlock();
        }
        worker.runner.join(1000);
    }

    private static long millisUntil(long deadlineNanos) {
        return (deadlineNanos - System.nanoTime()) / 1_000_000;
    }
}
