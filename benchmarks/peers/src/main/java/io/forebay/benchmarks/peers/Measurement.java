package io.forebay.benchmarks.peers;

import io.forebay.benchmarks.Fork;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Counters, stamps and audit rows through one contender, from {@value Workload#THREADS} threads, several times. */
final class Measurement {
    static final String COUNTERS_PER_SECOND = "counters per second";
    static final String SECONDS_TO_DATABASE = "seconds until the database holds all";
    static final String STATEMENTS = "statements";
    static final String ROWS_PER_OPERATION = "rows per operation";
    static final String STAMPS_PER_SECOND = "stamps per second";
    static final String AUDIT_PER_SECOND = "audit rows per second";
    static final String MISSED = "totals that did not arrive";

    /** Most writes of a thread that may be waiting for their ack. */
    private static final int OUTSTANDING = 10_000;

    private final Setting setting;
    private final Peer peer;
    private final int perThread;
    private final Workload workload = new Workload();
    private final long[] lastSeen = new long[Workload.ROWS];
    private long round;

    Measurement(Setting setting, Peer peer, int operations) {
        this.setting = setting;
        this.peer = peer;
        this.perThread = operations / Workload.THREADS;
    }

    /** One write: the thread, and the number of the write in all rounds. */
    private interface Write {
        void by(int thread, long number);
    }

    void run(int iterations) throws InterruptedException {
        counters(false);
        for (int i = 0; i < iterations; i++) counters(true);
        for (int i = 0; i < iterations; i++) {
            round++;
            long start = System.nanoTime();
            inParallel(this::stamp);
            Fork.report(STAMPS_PER_SECOND, perSecond(start));
        }
        requireArrival(Arrival.STAMPS, stampSum());
        long firstRound = round;
        for (int i = 0; i < iterations; i++) {
            round++;
            long start = System.nanoTime();
            inParallel((thread, number) -> {
                long id = number * Workload.THREADS + thread;
                peer.audit(id, Store.auditText(id));
            });
            Fork.report(AUDIT_PER_SECOND, perSecond(start));
        }
        requireArrival(Arrival.AUDIT, (round - firstRound) * perThread * Workload.THREADS);
    }

    private void counters(boolean measured) throws InterruptedException {
        Peer.Sent before = peer.sent();
        round++;
        long start = System.nanoTime();
        inParallel((thread, number) -> peer.increment(workload.key(thread, number)));
        double perSecond = perSecond(start);
        requireArrival(Arrival.COUNTERS, round * perThread * Workload.THREADS);
        if (!measured) return;

        Peer.Sent sent = peer.sent().since(before);
        Fork.report(COUNTERS_PER_SECOND, perSecond);
        Fork.report(SECONDS_TO_DATABASE, (System.nanoTime() - start) / 1e9);
        Fork.report(STATEMENTS, sent.statements());
        Fork.report(ROWS_PER_OPERATION, (double) sent.rows() / (perThread * Workload.THREADS));
    }

    private void stamp(int thread, long number) {
        int key = workload.ownKey(thread, number);
        lastSeen[key] = number + 1;
        peer.stamp(key, number + 1);
    }

    private long stampSum() {
        long sum = 0;
        for (long seen : lastSeen) sum += seen;
        return sum;
    }

    private double perSecond(long start) {
        return perThread * Workload.THREADS / ((System.nanoTime() - start) / 1e9);
    }

    private void requireArrival(String query, long expected) throws InterruptedException {
        boolean arrived = new Arrival(setting.database(), query).await(expected);
        if (!arrived) System.err.printf("%s never became %d%n", query, expected);
        Fork.report(MISSED, arrived ? 0 : 1);
    }

    private void inParallel(Write write) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(Workload.THREADS);
        try {
            List<Future<?>> ends = new ArrayList<>();
            for (int thread = 0; thread < Workload.THREADS; thread++) {
                int mine = thread;
                ends.add(threads.submit(() -> writeAll(write, mine)));
            }
            for (Future<?> end : ends) end.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            threads.shutdown();
        }
    }

    private void writeAll(Write write, int thread) {
        long first = round * perThread;
        for (int i = 0; i < perThread; i++) {
            write.by(thread, first + i);
            if (i % OUTSTANDING == OUTSTANDING - 1) peer.awaitAcks();
        }
        peer.awaitAcks();
    }
}
