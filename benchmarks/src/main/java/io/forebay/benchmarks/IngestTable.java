package io.forebay.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;

/** Runs {@link Ingest} and shows it as one table per kind of keys. */
final class IngestTable {
    private static final Map<String, String> TITLES = new LinkedHashMap<>();

    static {
        TITLES.put("map", "`ConcurrentHashMap.merge` on the same keys");
        TITLES.put("memory", "Forebay, `MEMORY`: nobody waits for the journal");
        TITLES.put("journaled", "Forebay, `JOURNALED`: the last ack of each 10,000 is awaited");
        TITLES.put("synced", "Forebay, `SYNCED`: the last ack of each 10,000 is awaited");
        TITLES.put("syncedEach", "Forebay, `SYNCED`: every ack is awaited");
    }

    private final boolean quick;
    private final Results results = new Results("ingest");

    IngestTable(boolean quick) {
        this.quick = quick;
    }

    void run() throws RunnerException {
        for (String keys : List.of("zipf", "hot")) {
            System.out.println(
                    keys.equals("hot")
                            ? "### Increments of one hot row\n"
                            : "### Increments, Zipf 0.99 over 100,000 rows\n");
            System.out.println(table(keys));
        }
        if (!quick) results.write();
    }

    private MarkdownTable table(String keys) throws RunnerException {
        MarkdownTable table =
                new MarkdownTable("threads", "", "per second", "ratio", "spread", "bytes allocated per call");
        for (int threads : quick ? List.of(1, 4) : List.of(1, 2, 4)) {
            Map<String, MicroRun.Outcome> outcomes = new MicroRun(Ingest.class, quick)
                    .threads(threads)
                    .parameter("keys", keys)
                    .run();
            double yardstick = figures(outcomes, "map").median();
            TITLES.forEach((method, title) -> {
                Figures speed = figures(outcomes, method);
                results.add(title, keys + " " + threads, speed);
                table.row(
                        Integer.toString(threads),
                        title,
                        MarkdownTable.count(speed.median()),
                        MarkdownTable.ratio(speed.median() / yardstick),
                        speed.spread(),
                        MarkdownTable.count(outcome(outcomes, method).bytesPerCall()));
            });
        }
        return table;
    }

    private static Figures figures(Map<String, MicroRun.Outcome> outcomes, String method) {
        return outcome(outcomes, method).perSecond();
    }

    private static MicroRun.Outcome outcome(Map<String, MicroRun.Outcome> outcomes, String method) {
        MicroRun.Outcome outcome = outcomes.get(method);
        if (outcome == null) throw new IllegalStateException(method + " was not measured");
        return outcome;
    }
}
