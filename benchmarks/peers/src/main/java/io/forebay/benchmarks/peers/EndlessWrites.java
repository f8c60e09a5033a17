package io.forebay.benchmarks.peers;

import io.forebay.benchmarks.Fork;
import java.util.ArrayList;
import java.util.List;

/** Increments from {@value Workload#THREADS} threads until the process is killed, each block told to the parent once it is acknowledged. */
final class EndlessWrites {
    /** So many writes of a thread may have been taken without having been told as acknowledged. */
    static final int BLOCK = 100;

    private final Peer peer;
    private final Workload workload = new Workload();

    EndlessWrites(Peer peer) {
        this.peer = peer;
    }

    void run() throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < Workload.THREADS; i++) {
            int thread = i;
            threads.add(new Thread(() -> write(thread)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) thread.join();
    }

    private void write(int thread) {
        for (long number = 0; ; number++) {
            peer.increment(workload.key(thread, number));
            if (number % BLOCK < BLOCK - 1) continue;
            peer.awaitAcks();
            Fork.report(Integer.toString(thread), number + 1);
        }
    }
}
