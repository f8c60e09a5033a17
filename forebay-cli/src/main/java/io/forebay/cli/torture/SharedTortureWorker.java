package io.forebay.cli.torture;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.cli.DatabaseOptions;
import io.forebay.testkit.crash.CrashWorkload;
import io.forebay.testkit.crash.SharedCrashProgram;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** One of the processes of a {@link SharedTorture}: place and round say which. */
@Command(name = "shared-torture-worker")
public final class SharedTortureWorker implements Callable<Integer> {
    private static final int LOSE_REPLY_OF = 17;
    private static final int CUT_OF = 13;

    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Option(names = "--driver", required = true)
    private SharedDriver driver = SharedDriver.REDIS;

    @Option(names = "--address", required = true)
    private String address = "";

    @Option(names = "--name", required = true)
    private String name = "";

    @Option(names = "--seed", required = true)
    private long seed;

    @Option(names = "--writers", required = true)
    private int writers;

    @Option(names = "--cut")
    private boolean cut;

    @Parameters(arity = "2")
    private String[] placeAndRound = {};

    private SharedTortureWorker() {}

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new SharedTortureWorker()).execute(arguments));
    }

    @Override
    public Integer call() {
        try (HikariDataSource pool = database.connect()) {
            SharedCrashProgram.run(
                    child -> CrashWorkload.busy()
                            .database(child.dataSource(pool, cut ? LOSE_REPLY_OF : 0, cut ? CUT_OF : 0))
                            .driver(driver.at(address, name)),
                    SharedCrashProgram.workload(seed, writers),
                    placeAndRound);
        }
        return 0;
    }
}
