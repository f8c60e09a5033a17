package io.forebay.benchmarks.peers;

import io.forebay.benchmarks.BenchmarkDatabase;
import io.forebay.benchmarks.Fork;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/**
 * Kills a contender while it takes increments, starts it again on whatever it left, and counts in the database row by row.
 */
final class KillTest {
    private final BenchmarkDatabase database;
    private final Function<PeerChild.Task, Fork> start;
    private final Workload workload = new Workload();

    KillTest(BenchmarkDatabase database, Function<PeerChild.Task, Fork> start) {
        this.database = database;
        this.start = start;
    }

    /**
     * What became of the increments.
     *
     * @param acknowledged increments acknowledged before the kill
     * @param lost those of them that are missing in the database
     * @param doubled increments in the database that nobody made
     */
    record Account(long acknowledged, long lost, long doubled) {}

    Account run(long writeMillis) throws InterruptedException {
        long[] acknowledged = writeAndKill(TimeUnit.MILLISECONDS.toNanos(writeMillis));
        try (Fork again = start.apply(PeerChild.Task.START_AGAIN)) {
            while (again.next() != null) {
                // until it has ended
            }
        }
        return compare(acknowledged);
    }

    /** How many writes of each thread were acknowledged. */
    private long[] writeAndKill(long writeNanos) throws InterruptedException {
        long[] acknowledged = new long[Workload.THREADS];
        try (Fork fork = start.apply(PeerChild.Task.WRITE_UNTIL_KILLED)) {
            note(acknowledged, require(fork.next()));
            Thread killer = new Thread(() -> killAfter(fork, writeNanos));
            killer.start();
            for (Fork.Line line = fork.next(); line != null; line = fork.next()) note(acknowledged, line);
            killer.join();
        }
        return acknowledged;
    }

    private static Fork.Line require(Fork.@Nullable Line line) {
        if (line == null) throw new IllegalStateException("it ended before it was killed");
        return line;
    }

    private static void note(long[] acknowledged, Fork.Line line) {
        acknowledged[Integer.parseInt(line.name())] = (long) line.value();
    }

    private static void killAfter(Fork fork, long nanos) {
        try {
            TimeUnit.NANOSECONDS.sleep(nanos);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        fork.kill();
    }

    private Account compare(long[] acknowledged) {
        long[] atLeast = sums(acknowledged, 0);
        long[] atMost = sums(acknowledged, EndlessWrites.BLOCK);
        long[] found = counters();
        long lost = 0;
        long doubled = 0;
        for (int row = 0; row < Workload.ROWS; row++) {
            lost += Math.max(0, atLeast[row] - found[row]);
            doubled += Math.max(0, found[row] - atMost[row]);
        }
        return new Account(LongStream.of(acknowledged).sum(), lost, doubled);
    }

    /** The increments of each row if every thread made so many writes more than were acknowledged. */
    private long[] sums(long[] acknowledged, int more) {
        long[] sums = new long[Workload.ROWS];
        for (int thread = 0; thread < acknowledged.length; thread++)
            for (long number = 0; number < acknowledged[thread] + more; number++) sums[workload.key(thread, number)]++;
        return sums;
    }

    private long[] counters() {
        return database.run(connection -> {
            long[] found = new long[Workload.ROWS];
            try (Statement statement = connection.createStatement();
                    ResultSet rows = statement.executeQuery("SELECT id, value FROM counters")) {
                while (rows.next()) found[rows.getInt(1)] = rows.getLong(2);
            }
            return found;
        });
    }
}
