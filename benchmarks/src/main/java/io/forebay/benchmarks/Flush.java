package io.forebay.benchmarks;

import io.forebay.testservers.PostgresServer;
import java.util.List;
import java.util.Map;

/**
 * Rows that are waiting in memory reach PostgreSQL: through Forebay, beside what one would write by hand. The clock runs from
 * the release of the rows to the last commit. One forked JVM per contender and batch size, one thread each.
 */
final class Flush {
    private static final List<Integer> BATCHES = List.of(100, 1_000, 10_000, 50_000);

    /** What measures of counters begin with in the results, before the rows per batch. */
    static final String COUNTERS = "counters ";
    /** The same for append-only rows. */
    private static final String APPENDS = "appends ";

    private final boolean quick;
    private final Results results = new Results("flush");

    Flush(boolean quick) {
        this.quick = quick;
    }

    void run() {
        try (PostgresServer server = Servers.postgres()) {
            System.out.println("### Counters: " + describe(rows()) + "\n");
            System.out.println(table(
                    server,
                    COUNTERS,
                    List.of(FlushContender.UNNEST, FlushContender.FOREBAY_COUNTERS, FlushContender.JDBC_BATCH)));
            System.out.println(single(server));
            System.out.println("### Append-only rows: " + describe(rows()) + "\n");
            System.out.println(table(server, APPENDS, List.of(FlushContender.COPY, FlushContender.FOREBAY_APPENDS)));
        }
        if (!quick) results.write();
    }

    private int rows() {
        return quick ? 50_000 : 200_000;
    }

    private static String describe(int rows) {
        return MarkdownTable.exact(rows) + " rows, each once";
    }

    /** The first contender is the yardstick of all others at its batch size. */
    private MarkdownTable table(PostgresServer server, String kind, List<FlushContender> contenders) {
        MarkdownTable table =
                new MarkdownTable("rows per batch", "", "rows/s", "ratio", "spread", "rows sent per batch");
        for (int batch : quick ? List.of(1_000, 10_000) : BATCHES) {
            double yardstick = 0;
            for (FlushContender contender : contenders) {
                Map<String, Figures> figures = measure(server, contender, batch, rows());
                Figures speed = figures.get(FlushChild.SPEED);
                if (contender == contenders.get(0)) yardstick = speed.median();
                results.add(contender.title(), kind + batch, speed);
                table.row(
                        MarkdownTable.exact(batch),
                        contender.title(),
                        MarkdownTable.count(speed.median()),
                        MarkdownTable.ratio(speed.median() / yardstick),
                        speed.spread(),
                        MarkdownTable.count(
                                figures.get(FlushChild.ROWS_PER_BATCH).median()));
            }
        }
        return table;
    }

    private String single(PostgresServer server) {
        Figures speed = measure(server, FlushContender.SINGLE, 1, rows() / 50).get(FlushChild.SPEED);
        results.add(FlushContender.SINGLE.title(), COUNTERS + 1, speed);
        return "%s: %s rows/s (%s)%n"
                .formatted(FlushContender.SINGLE.title(), MarkdownTable.count(speed.median()), speed.spread());
    }

    private Map<String, Figures> measure(PostgresServer server, FlushContender contender, int batch, int rows) {
        return Fork.run(
                FlushChild.class,
                List.of(),
                List.of(
                        server.jdbcUrl(),
                        contender.name(),
                        Integer.toString(batch),
                        Integer.toString(rows),
                        quick ? "1" : "2",
                        quick ? "2" : "7"));
    }
}
