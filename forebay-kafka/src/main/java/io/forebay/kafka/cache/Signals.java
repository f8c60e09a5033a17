package io.forebay.kafka.cache;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What other threads ask of the one that reads. Thread-safe. */
final class Signals {
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile @Nullable RebuildReason rebuild;
    private volatile int partitions;

    void stop() {
        stopped.countDown();
    }

    boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /** Waits until the time is over, or {@link #stop}. */
    void pause(long millis) throws InterruptedException {
        stopped.await(millis, TimeUnit.MILLISECONDS);
    }

    void rebuild(RebuildReason reason) {
        rebuild = reason;
    }

    /** The reason why everything is to be read anew, once; null if it is not. */
    @Nullable
    RebuildReason takeRebuild() {
        RebuildReason reason = rebuild;
        if (reason != null) rebuild = null;
        return reason;
    }

    /** The topic has this many partitions. */
    void partitions(int count) {
        partitions = count;
    }

    int partitions() {
        return partitions;
    }
}
