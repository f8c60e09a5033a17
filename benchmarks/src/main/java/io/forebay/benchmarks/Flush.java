package io.forebay.benchmarks;

import io.forebay.testservers.PostgresServer;
import java.util.List;

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
        List<Integer> batches = quick ? List.of(1_000, 10_000) : BATCHES;
        int rows = quick ? 50_000 : 200_000;
        String description = MarkdownTable.exact(rows) + " rows, each once";
        try (PostgresServer server = Servers.postgres()) {
            FlushTable table = new FlushTable(FlushChild.class, server.jdbcUrl(), results, quick);
            System.out.println("### Counters: " + description + "\n");
            System.out.println(table.table(
                    COUNTERS,
                    List.of(FlushContender.UNNEST, FlushContender.FOREBAY_COUNTERS, FlushContender.JDBC_BATCH),
                    batches,
                    rows));
            System.out.println(table.single(COUNTERS, FlushContender.SINGLE, rows / 50));
            System.out.println("### Append-only rows: " + description + "\n");
            System.out.println(
                    table.table(APPENDS, List.of(FlushContender.COPY, FlushContender.FOREBAY_APPENDS), batches, rows));
        }
        if (!quick) results.write();
    }
}
