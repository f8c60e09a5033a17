package io.forebay.cli.torture;

import io.forebay.testkit.crash.CrashCluster;
import io.forebay.testkit.crash.SharedCrashProgram;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What is done to several processes that share a buffer: in each round one of them is killed and started again, or their
 * journal, or their database. Not thread-safe.
 */
final class SharedTorture {
    private static final int MAX_MILLIS = 1_500;

    private final CrashCluster cluster;
    private final Set<Fault> faults;
    private final @Nullable Restarts database;
    private final @Nullable Restarts journal;
    private final Random random;
    private int restarted;
    private int journalsRestarted;

    /**
     * @param database restarts it, where that is among the faults
     * @param journal restarts it, where that is among the faults
     */
    SharedTorture(
            CrashCluster cluster,
            Set<Fault> faults,
            @Nullable Restarts database,
            @Nullable Restarts journal,
            long seed) {
        this.cluster = cluster;
        this.faults = faults;
        this.database = database;
        this.journal = journal;
        this.random = new Random(seed);
    }

    /** Starts all of them. */
    void start() {
        cluster.startAll(SharedCrashProgram.PLACES);
    }

    /** One round. */
    void next() {
        pause(random.nextInt(MAX_MILLIS));
        int dice = random.nextInt(5);
        if (dice == 0 && journal != null) {
            journal.restart();
            journalsRestarted++;
        } else if (dice == 1 && database != null) {
            database.restart();
            restarted++;
        } else if (faults.contains(Fault.KILL)) {
            int place = random.nextInt(SharedCrashProgram.PLACES);
            cluster.kill(place);
            pause(random.nextInt(MAX_MILLIS));
            cluster.start(place);
        }
    }

    int restarted() {
        return restarted;
    }

    int journalsRestarted() {
        return journalsRestarted;
    }

    private static void pause(int millis) {
        try {
            TimeUnit.MILLISECONDS.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted in a torture", e);
        }
    }
}
