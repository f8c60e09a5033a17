package io.forebay.testkit.crash;

import io.forebay.Durability;
import io.forebay.Forebay;
import java.util.function.Function;

/** The program of a {@link SharedCrashContract}, up to which driver it uses: some places write, the others flush. */
public final class SharedCrashProgram {
    /** Places from 0 on that write and leave flushing to the others. */
    public static final int WRITERS = 3;

    /** Places after those that flush and write nothing. */
    public static final int FLUSHERS = 2;

    /** Places in all. */
    public static final int PLACES = WRITERS + FLUSHERS;

    private SharedCrashProgram() {}

    /**
     * What each place that writes writes.
     *
     * @param threads of each, 1 to {@value CrashWorkload#MAX_WRITERS}
     */
    public static CrashWorkload workload(long seed, int threads) {
        return new CrashWorkload(seed, Durability.SYNCED, threads).shared();
    }

    /**
     * Writes or flushes until the parent wants an end.
     *
     * @param builder what this process is opened with: database and driver, on {@link CrashWorkload#busy}
     * @param workload as {@link #workload} gives it, to the parent as well
     * @param arguments the last two are place and round, as {@link CrashCluster} gives them
     */
    public static void run(Function<CrashChild, Forebay.Builder> builder, CrashWorkload workload, String... arguments) {
        int place = Integer.parseInt(arguments[arguments.length - 2]);
        int round = Integer.parseInt(arguments[arguments.length - 1]);
        CrashChild child = new CrashChild();
        try (Forebay forebay = builder.apply(child)
                .flushes(place >= WRITERS)
                .listener(child.listener())
                .build()) {
            if (place < WRITERS) {
                workload.run(forebay, child, round);
            } else {
                child.ready();
                child.awaitEnd();
            }
            forebay.flushAndWait();
        }
    }
}
