package io.forebay.cli.demo;

import com.zaxxer.hikari.HikariDataSource;
import io.forebay.Ack;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.Table;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The process that the demo kills. Each of its threads writes numbered groups and says so on standard output when a group is
 * acknowledged; so at any instant at most one group of a thread is under way.
 */
@Command(name = "demo-worker", hidden = true, description = "The process that the demo kills.")
public final class DemoWorker implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--dir", required = true)
    private Path directory = Path.of("");

    @Option(names = "--run")
    private int run;

    @Option(names = "--threads")
    private int threads = 8;

    @Option(names = "--recover", description = "Only flush what the journal holds.")
    private boolean recover;

    @Override
    public Integer call() throws InterruptedException, ExecutionException {
        try (HikariDataSource dataSource = DemoDatabase.open(directory, CrashTables.DDL);
                Forebay forebay = open(dataSource, directory)) {
            if (recover) forebay.flushAndWait();
            else writeForEver(forebay);
        }
        return 0;
    }

    private static Forebay open(HikariDataSource dataSource, Path directory) {
        FlushPolicy often = FlushPolicy.DEFAULT.withInterval(Duration.ofMillis(50), Duration.ofMillis(20));
        return Forebay.builder()
                .database(dataSource)
                .journal(directory.resolve("journal"))
                .flush(often)
                .createTables()
                .build();
    }

    private void writeForEver(Forebay forebay) throws InterruptedException, ExecutionException {
        Target target = new Target(
                forebay.table("pages", table -> table.onMissingRow(MissingRow.INSERT)),
                forebay.table("writers", table -> table.onMissingRow(MissingRow.INSERT)),
                forebay.table("audit"));
        ExecutorService writers = Executors.newFixedThreadPool(threads);
        List<Future<?>> ends = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            String writer = "run-" + run + "-thread-" + i;
            ends.add(writers.submit(
                    () -> write(target, writer, spec.commandLine().getOut())));
        }
        for (Future<?> end : ends) end.get();
        writers.shutdown();
    }

    private record Target(Table pages, Table writers, Table audit) {}

    private static void write(Target target, String writer, PrintWriter out) {
        Row row = target.writers().row(writer);
        for (long number = 1; !out.checkError(); number++) { // until killed, or nobody reads any more
            List<Ack> group = List.of(
                    target.pages().row(CrashTables.page(number)).increment("views"),
                    row.increment("hits"),
                    row.increment("amount", number),
                    row.max("last_seen", CrashTables.seen(number)),
                    target.audit().insert(Map.of("writer", writer, "number", number)));
            group.forEach(Ack::await);
            out.println(writer + " " + number);
        }
    }
}
