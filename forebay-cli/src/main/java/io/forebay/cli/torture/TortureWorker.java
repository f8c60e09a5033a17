package io.forebay.cli.torture;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Durability;
import io.forebay.Forebay;
import io.forebay.cli.DatabaseOptions;
import io.forebay.testkit.crash.CrashChild;
import io.forebay.testkit.crash.CrashWorkload;
import java.nio.file.Path;
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

    @Parameters
    private int round;

    private TortureWorker() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new TortureWorker()).execute(arguments));
    }

    @Override
    public Integer call() {
        CrashChild child = new CrashChild();
        try (HikariDataSource pool = database.connect();
                Forebay forebay = CrashWorkload.busy()
                        .database(child.dataSource(pool, cut ? LOSE_REPLY_OF : 0, cut ? CUT_OF : 0))
                        .journal(child.journal(journal))
                        .listener(child.listener())
                        .build()) {
            new CrashWorkload(seed, Durability.SYNCED, writers).run(forebay, child, round);
            forebay.flushAndWait();
        }
        return 0;
    }
}
