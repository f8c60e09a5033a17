package io.forebay.benchmarks;

import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** {@code NAME [--quick]}: runs one benchmark and prints its tables as Markdown; or draws the charts. */
public final class Benchmarks {
    private static final String USAGE =
            "usage: ./benchmarks/run ingest|flush|recover|read|log-cache|shared|mongodb|invalidation|cache|peers [--quick], or: ./benchmarks/run charts";

    private Benchmarks() {}

    /** {@code charts}, or the name of a benchmark and {@code --quick} for fewer and shorter iterations. */
    public static void main(String[] arguments) throws RunnerException {
        List<String> given = List.of(arguments);
        boolean quick = given.size() == 2 && given.get(1).equals("--quick");
        if (given.size() != 1 && !quick) refuse();
        switch (given.get(0)) {
            case "ingest" -> new IngestTable(quick).run();
            case "flush" -> new Flush(quick).run();
            case "recover" -> new Recover(quick).run();
            case "read" -> new ReadTable(quick).run();
            case "log-cache" -> new LogCacheTable(quick).run();
            case "shared" -> new Shared(quick).run();
            case "mongodb" -> new MongoFlush(quick).run();
            case "invalidation" -> new Invalidation(quick).run();
            case "charts" -> Charts.draw();
            default -> refuse();
        }
    }

    private static void refuse() {
        System.err.println(USAGE);
        System.exit(2);
    }
}
