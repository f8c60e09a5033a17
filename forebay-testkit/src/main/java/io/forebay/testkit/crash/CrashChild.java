package io.forebay.testkit.crash;

import io.forebay.ForebayListener;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** As a shell reports a process that SIGKILL ended. */
    static final int KILLED = 137;

    private final FileOutputStream pipe = new FileOutputStream(FileDescriptor.out);
    private final Optional<KillPoint> point = KillPoint.ofThisProcess();
    private final AtomicInteger occurrences = new AtomicInteger();
    private volatile boolean toldToEnd;

    /** Says that this child is about to write. */
    public void ready() {
        Thread thread = new Thread(this::listen, "forebay-crash-end");
        thread.setDaemon(true);
        thread.start();
        say(READY, 0, 0);
    }

    /** Whether the parent wants an end, or is gone; false before {@link #ready}. */
    public boolean isToldToEnd() {
        return toldToEnd;
    }

    private void listen() {
        try {
            System.in.readAllBytes(); // the parent says nothing, it closes
        } catch (IOException e) {
            throw new UncheckedIOException("the parent cannot be heard", e);
        } finally {
            toldToEnd = true;
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
     * Ends this process at the stages within a flush transaction.
     *
     * @param loseReplyOf of every so many flush transactions one reports a lost connection although it was committed; 0
     *     for none
     */
    public DataSource dataSource(DataSource real, int loseReplyOf) {
        return FlushWatch.around(real, this, loseReplyOf);
    }

    /** Ends this process if this is the place and the time. */
    void reached(KillPoint.Stage stage) {
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
