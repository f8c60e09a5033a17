package io.forebay.testkit.crash;

import io.forebay.ForebayListener;
import io.forebay.internal.journal.FileDisk;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Disk;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import javax.sql.DataSource;

/**
 * The killed process' end of a {@link CrashHarness}: says on the standard output what it does, and ends itself at the
 * {@link KillPoint} it was started with. Standard output and input belong to it alone. Thread-safe.
 *
 * <p>A process cannot send SIGKILL to one of its own threads' exact place: by the time a {@code kill} command runs, the
 * thread has gone on. {@link Runtime#halt} is as hard and exact: it runs no shutdown hook, closes and flushes nothing, and
 * the thread that calls it never takes another step. Other threads may, until the process is gone, as before any kill.
 */
public final class CrashChild {
    static final String READY = "R";
    static final String SENDING = "S";
    static final String ACKNOWLEDGED = "A";
    static final String FLUSHED = "F";
    static final String REFUSED = "X";

    private static final int SECTOR_BYTES = 512;
    private static final Duration HANGING = Duration.ofMillis(50);

    /** As a shell reports a process that SIGKILL ended. */
    static final int KILLED = 137;

    private final FileOutputStream pipe = new FileOutputStream(FileDescriptor.out);
    private final Optional<KillPoint> point = KillPoint.ofThisProcess();
    private final AtomicInteger occurrences = new AtomicInteger();
    private final CountDownLatch toldToEnd = new CountDownLatch(1);

    /** Says that this child is about to write. */
    public void ready() {
        Thread thread = new Thread(this::listen, "forebay-crash-end");
        thread.setDaemon(true);
        thread.start();
        say(READY, 0, 0);
    }

    /** Whether the parent wants an end, or is gone; false before {@link #ready}. */
    public boolean isToldToEnd() {
        return toldToEnd.getCount() == 0;
    }

    /** Waits until the parent wants an end, or is gone. */
    public void awaitEnd() {
        try {
            toldToEnd.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void listen() {
        try {
            System.in.readAllBytes(); // the parent says nothing, it closes
        } catch (IOException e) {
            throw new UncheckedIOException("the parent cannot be heard", e);
        } finally {
            toldToEnd.countDown();
        }
    }

    /** Says that {@code writer} is about to make its write {@code number}; call it before the write. */
    public void sending(long writer, long number) {
        say(SENDING, writer, number);
    }

    /** Says that all writes of {@code writer} up to {@code number} were acknowledged. */
    public void acknowledged(long writer, long number) {
        say(ACKNOWLEDGED, writer, number);
    }

    /** Says that the write {@code number} of {@code writer} was acknowledged as being in the database. */
    public void flushed(long writer, long number) {
        say(FLUSHED, writer, number);
    }

    /** Says that the journal refused the write {@code number} of {@code writer}: it never happened. */
    public void refused(long writer, long number) {
        say(REFUSED, writer, number);
    }

    /** One write to the pipe, so that a line is there as a whole. */
    private void say(String event, long writer, long number) {
        try {
            pipe.write(CrashAccount.line(event, writer, number).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException("the parent is gone", e);
        }
    }

    /** Ends this process at the stages a listener hears of; give it to the {@code Forebay}. */
    public ForebayListener listener() {
        return new ForebayListener() {
            @Override
            public void appended(String database, int windows, int bytes) {
                reached(KillPoint.Stage.APPENDED);
            }

            @Override
            public void forced(String database, int windows, Duration took) {
                reached(KillPoint.Stage.FORCED);
            }

            @Override
            public void sealed(String database, Batch batch) {
                reached(KillPoint.Stage.SEALED);
            }

            @Override
            public void flushed(String database, Batch batch, BatchResult result, Duration took) {
                reached(KillPoint.Stage.FLUSHED);
            }
        };
    }

    /**
     * Ends this process at the stages within a write to the journal's segments; give it to {@code Forebay.Builder.journal}.
     *
     * @param directory where the journals are, as for {@code Forebay.Builder.journal(Path)}
     */
    public Function<String, Disk> journal(Path directory) {
        return database -> new WatchedDisk(disk(directory.resolve(database)), this::append);
    }

    /**
     * As {@link #journal}, on a disk that is full now and then: new segments cannot be made, one after the other, until there
     * is room again.
     */
    public Function<String, Disk> journalOnFullDisk(Path directory) {
        FullDisk full = new FullDisk(this::append);
        return database -> new WatchedDisk(disk(directory.resolve(database)), full);
    }

    private static Disk disk(Path directory) {
        try {
            return FileDisk.in(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("the journal directory " + directory + " cannot be used", e);
        }
    }

    private void append(String name, Disk.File file, ByteBuffer source, long position) throws IOException {
        if (name.endsWith(".segment")) {
            if (isTime(KillPoint.Stage.BEFORE_APPEND)) dieLate();
            if (isTime(KillPoint.Stage.MID_APPEND)) {
                file.write(firstHalf(source), position);
                die();
            }
        }
        file.write(source, position);
    }

    /** A disk that hangs before it dies: time for an ack that did not wait for it to reach the parent. */
    private static void dieLate() {
        LockSupport.parkNanos(HANGING.toNanos());
        die();
    }

    /** A kill leaves no sector half written. */
    static ByteBuffer firstHalf(ByteBuffer source) {
        int half = source.remaining() / 2 / SECTOR_BYTES * SECTOR_BYTES;
        return source.slice(source.position(), half);
    }

    /**
     * Ends this process at the stages within a transaction of a flush, or of a dead letter's replay.
     *
     * @param loseReplyOf of every so many flush transactions one reports a lost connection although it was committed; 0
     *     for none
     */
    public DataSource dataSource(DataSource real, int loseReplyOf) {
        return dataSource(real, loseReplyOf, 0);
    }

    /**
     * As the other one, and cuts connections.
     *
     * @param cutOf of every so many flush transactions the connection of one is aborted before its COMMIT; 0 for none
     */
    public DataSource dataSource(DataSource real, int loseReplyOf, int cutOf) {
        return FlushWatch.around(real, this, loseReplyOf, cutOf);
    }

    /** Ends this process if this is the place and the time; for stages that only the program itself can see. */
    public void reached(KillPoint.Stage stage) {
        if (isTime(stage)) die();
    }

    boolean isTime(KillPoint.Stage stage) {
        return point.isPresent()
                && point.get().stage() == stage
                && occurrences.incrementAndGet() == point.get().occurrence();
    }

    static void die() {
        Runtime.getRuntime().halt(KILLED);
    }
}
