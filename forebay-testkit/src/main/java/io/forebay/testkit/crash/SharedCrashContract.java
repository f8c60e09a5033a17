package io.forebay.testkit.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Random;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/**
 * Processes that share a buffer, killed at random: three that write, two that flush. What a driver's test has to give is
 * the database, the journal, and a program that calls {@link SharedCrashProgram#run}.
 *
 * <p>{@code -Dforebay.crash.rounds} sets the number of kills, {@code -Dforebay.crash.results} a file that takes a line for
 * each run, {@code -Dforebay.crash.seed} the seed.
 */
public abstract class SharedCrashContract {
    /** Threads that write, in each process that does; the program has to use the same. */
    public static final int THREADS = 6;

    private static final int ROUNDS = Integer.getInteger("forebay.crash.rounds", 3);
    private static final int ROUNDS_PER_RUN = 10;
    private static final String RESULTS = System.getProperty("forebay.crash.results");
    private static final int MAX_MILLIS = 1_200;

    /** An empty database that all processes write to. */
    protected abstract DataSource freshDatabase();

    /**
     * The program, and what it is given before place and round. Called after {@link #freshDatabase}; the journal is empty.
     *
     * @param seed one of the arguments
     */
    protected abstract CrashCluster cluster(long seed);

    /** Kills what keeps the journal, and starts it again on what it kept. */
    protected abstract void restartJournal();

    /** After how long a process that does nothing loses the partitions it flushes. */
    protected abstract Duration lease();

    @Test
    void a_kill_of_any_process_at_any_instant_neither_loses_nor_doubles_a_write() {
        long first = Long.getLong("forebay.crash.seed", System.nanoTime() >>> 10);
        for (int done = 0; done < ROUNDS; done += ROUNDS_PER_RUN) {
            int rounds = Math.min(ROUNDS_PER_RUN, ROUNDS - done);
            run(first + done, (cluster, random) -> {
                for (int i = 0; i < rounds; i++) strike(cluster, random);
            });
        }
    }

    private void strike(CrashCluster cluster, Random random) {
        rest(Duration.ofMillis(random.nextInt(MAX_MILLIS)));
        int place = random.nextInt(SharedCrashProgram.PLACES);
        cluster.kill(place);
        if (random.nextBoolean()) rest(lease().dividedBy(2));
        cluster.start(place);
    }

    /** It wakes up in the middle of what it was doing, and takes itself for the owner: the database knows better. */
    @Test
    public void a_flusher_that_is_paused_beyond_its_lease_changes_nothing_when_it_wakes_up() {
        run(System.nanoTime() >>> 10, (cluster, random) -> {
            for (int place = SharedCrashProgram.WRITERS; place < SharedCrashProgram.PLACES; place++) {
                rest(Duration.ofMillis(random.nextInt(MAX_MILLIS)));
                cluster.pause(place, lease().multipliedBy(3).dividedBy(2));
            }
        });
    }

    @Test
    public void a_journal_that_is_killed_and_started_again_neither_loses_nor_doubles_a_write() {
        run(System.nanoTime() >>> 10, (cluster, random) -> {
            for (int i = 0; i < 2; i++) {
                rest(Duration.ofMillis(random.nextInt(MAX_MILLIS)));
                restartJournal();
            }
            rest(Duration.ofMillis(MAX_MILLIS));
        });
    }

    private interface Faults {
        void happen(CrashCluster cluster, Random random);
    }

    private void run(long seed, Faults faults) {
        DataSource dataSource = freshDatabase();
        CrashWorkload workload = SharedCrashProgram.workload(seed, THREADS);
        workload.createTables(dataSource);
        try (CrashCluster cluster = cluster(seed)) {
            cluster.startAll(SharedCrashProgram.PLACES);
            faults.happen(cluster, new Random(seed));
            cluster.end();

            CrashReport report = workload.compare(dataSource, cluster.account());
            note(seed, cluster, report);
            assertThat(report.isExact())
                    .as(
                            "seed=%d kills=%d acknowledged=%d %s%n%s",
                            seed, cluster.kills(), cluster.account().acknowledged(), report, cluster.history())
                    .isTrue();
            assertThat(cluster.account().acknowledged()).isPositive();
        }
    }

    private static void note(long seed, CrashCluster cluster, CrashReport report) {
        String line = "kills=%d acknowledged=%d lost=%d doubled=%d wrong=%d"
                .formatted(
                        cluster.kills(),
                        cluster.account().acknowledged(),
                        report.lost(),
                        report.doubled(),
                        report.wrong());
        System.out.println("seed=" + seed + " " + line);
        if (RESULTS == null) return;
        try {
            Files.writeString(
                    Path.of(RESULTS),
                    line + System.lineSeparator(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void rest(Duration time) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
