package io.forebay.cli.torture;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Durability;
import io.forebay.Forebay;
import io.forebay.JournalPolicy;
import io.forebay.cli.DatabaseOptions;
import io.forebay.testkit.crash.CrashChild;
import io.forebay.testkit.crash.CrashWorkload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The process that is killed. Its standard output belongs to the harness. */
@Command(name = "torture-worker")
public final class TortureWorker implements Callable<Integer> {
    private static final int LOSE_REPLY_OF = 17;
    private static final int CUT_OF = 13;
    /** A disk is found to be full when a segment is made. */
    private static final JournalPolicy MANY_SEGMENTS =
            new JournalPolicy(64 << 10, Duration.ofSeconds(1), 1 << 20, 1 << 30);

    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Option(names = "--journal", required = true)
    private Path journal = Path.of("");

    @Option(names = "--seed", required = true)
    private long seed;

    @Option(names = "--writers", required = true)
    private int writers;

    @Option(names = "--cut")
    private boolean cut;

    @Option(names = "--full-disk")
    private boolean fullDisk;

    @Parameters
    private int round;

    private TortureWorker() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new TortureWorker()).execute(arguments));
    }

    @Override
    public Integer call() {
        CrashChild child = new CrashChild();
        CrashWorkload workload = new CrashWorkload(seed, Durability.SYNCED, writers);
        try (HikariDataSource pool = database.connect();
                Forebay forebay = onItsDisk(child)
                        .database(child.dataSource(pool, cut ? LOSE_REPLY_OF : 0, cut ? CUT_OF : 0))
                        .listener(child.listener())
                        .build()) {
            (fullDisk ? workload.refusable() : workload).run(forebay, child, round);
            forebay.flushAndWait();
        }
        return 0;
    }

    private Forebay.Builder onItsDisk(CrashChild child) {
        Forebay.Builder builder = CrashWorkload.busy();
        if (!fullDisk) return builder.journal(child.journal(journal));
        return builder.journal(child.journalOnFullDisk(journal)).journalPolicy(MANY_SEGMENTS);
    }
}
