package io.forebay.benchmarks.peers;

import io.forebay.benchmarks.BenchmarkDatabase;
import io.forebay.benchmarks.Fork;
import java.nio.file.Path;

/** The forked part of {@link Peers}: one contender, to be measured, to be killed, or started again after that. */
final class PeerChild {
    private PeerChild() {}

    /** What to do with a contender. */
    enum Task {
        MEASURE,
        WRITE_UNTIL_KILLED,
        START_AGAIN
    }

    /** Task, contender, URL, delay in seconds, folder, port of Redis, operations, iterations. */
    public static void main(String[] arguments) throws InterruptedException {
        Task task = Task.valueOf(arguments[0]);
        Contender contender = Contender.valueOf(arguments[1]);
        try (BenchmarkDatabase database = new BenchmarkDatabase(arguments[2])) {
            Setting setting = new Setting(
                    database,
                    new Store(database),
                    Integer.parseInt(arguments[3]),
                    Path.of(arguments[4]),
                    Integer.parseInt(arguments[5]),
                    task != Task.START_AGAIN);
            if (setting.fresh()) database.reset(Workload.ROWS);
            try (Peer peer = contender.open(setting)) {
                switch (task) {
                    case MEASURE ->
                        new Measurement(setting, peer, Integer.parseInt(arguments[6]))
                                .run(Integer.parseInt(arguments[7]));
                    case WRITE_UNTIL_KILLED -> new EndlessWrites(peer).run();
                    case START_AGAIN -> new Arrival(database, Arrival.COUNTERS).awaitQuiet(setting.delaySeconds());
                }
            }
        }
        Fork.report("ended", 1);
        System.exit(0); // some products leave threads behind
    }
}
