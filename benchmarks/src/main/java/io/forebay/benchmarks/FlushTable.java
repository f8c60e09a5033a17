package io.forebay.benchmarks;

import java.util.List;
import java.util.Map;

/** Rows that wait are flushed by several contenders in batches of several sizes, each in a JVM of its own. One thread. */
final class FlushTable {
    private final Class<?> child;
    private final String server;
    private final Results results;
    private final boolean quick;

    /** Somebody who flushes; the name is for the child. */
    interface Contender {
        String name();

        String title();
    }

    /**
     * @param child the program that runs one contender: URL of the server, contender, rows per batch, rows, iterations to warm up,
     *     iterations to measure
     */
    FlushTable(Class<?> child, String server, Results results, boolean quick) {
        this.child = child;
        this.server = server;
        this.results = results;
        this.quick = quick;
    }

    /**
     * The first contender is the yardstick of all others at its batch size.
     *
     * @param kind what measures begin with in the results, before the rows per batch
     */
    MarkdownTable table(String kind, List<? extends Contender> contenders, List<Integer> batches, int rows) {
        MarkdownTable table =
                new MarkdownTable("rows per batch", "", "rows/s", "ratio", "spread", "rows sent per batch");
        for (int batch : batches) {
            double yardstick = 0;
            for (Contender contender : contenders) {
                Map<String, Figures> figures = measure(contender, batch, rows);
                Figures speed = figures.get(FlushRun.SPEED);
                if (contender == contenders.get(0)) yardstick = speed.median();
                results.add(contender.title(), kind + batch, speed);
                table.row(
                        MarkdownTable.exact(batch),
                        contender.title(),
                        MarkdownTable.count(speed.median()),
                        MarkdownTable.ratio(speed.median() / yardstick),
                        speed.spread(),
                        MarkdownTable.count(figures.get(FlushRun.ROWS_PER_BATCH).median()));
            }
        }
        return table;
    }

    /** A contender that sends row by row, as one line. */
    String single(String kind, Contender contender, int rows) {
        Figures speed = measure(contender, 1, rows).get(FlushRun.SPEED);
        results.add(contender.title(), kind + 1, speed);
        return "%s: %s rows/s (%s)%n".formatted(contender.title(), MarkdownTable.count(speed.median()), speed.spread());
    }

    private Map<String, Figures> measure(Contender contender, int batch, int rows) {
        return Fork.run(
                child,
                List.of(),
                List.of(
                        server,
                        contender.name(),
                        Integer.toString(batch),
                        Integer.toString(rows),
                        quick ? "1" : "2",
                        quick ? "2" : "7"));
    }
}
