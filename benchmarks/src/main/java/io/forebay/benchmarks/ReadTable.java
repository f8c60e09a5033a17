package io.forebay.benchmarks;

import io.forebay.testservers.PostgresServer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;

/** Runs {@link Read} and shows it as a table. */
final class ReadTable {
    private static final Map<String, String> TITLES = new LinkedHashMap<>();

    static {
        TITLES.put("select", "plain `SELECT` by primary key");
        TITLES.put("settled", "`get` of a row with nothing pending");
        TITLES.put("pending", "`get` of a row with pending increments");
    }

    private final boolean quick;
    private final Results results = new Results("read");

    ReadTable(boolean quick) {
        this.quick = quick;
    }

    void run() throws RunnerException {
        MarkdownTable table = new MarkdownTable("threads", "", "reads/s", "ratio", "spread");
        try (PostgresServer server = Servers.postgres()) {
            for (int threads : List.of(1, 4)) addRows(table, threads, server.jdbcUrl());
        }
        System.out.println("### Reads of one counter of 100,000\n");
        System.out.println(table);
        if (!quick) results.write();
    }

    private void addRows(MarkdownTable table, int threads, String jdbcUrl) throws RunnerException {
        Map<String, Figures> speeds = new LinkedHashMap<>();
        new MicroRun(Read.class, quick)
                .threads(threads)
                .parameter("jdbcUrl", jdbcUrl)
                .run()
                .forEach((method, outcome) -> speeds.put(method, outcome.perSecond()));
        double yardstick = speeds.get("select").median();
        TITLES.forEach((method, title) -> {
            Figures speed = speeds.get(method);
            results.add(title, threads + " threads", speed);
            table.row(
                    Integer.toString(threads),
                    title,
                    MarkdownTable.count(speed.median()),
                    MarkdownTable.ratio(speed.median() / yardstick),
                    speed.spread());
        });
    }
}
