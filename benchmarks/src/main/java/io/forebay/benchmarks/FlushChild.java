package io.forebay.benchmarks;

/** The forked part of {@link Flush}. */
final class FlushChild {
    private FlushChild() {}

    /** URL, contender, rows per batch, rows, iterations to warm up, iterations to measure. */
    public static void main(String[] arguments) {
        int rows = Integer.parseInt(arguments[3]);
        try (BenchmarkDatabase database = new BenchmarkDatabase(arguments[0])) {
            database.reset(rows);
            FlushContender contender = FlushContender.valueOf(arguments[1]);
            try (Flusher flusher = contender.open(database, Integer.parseInt(arguments[2]))) {
                FlushRun.run(
                        target(database),
                        flusher,
                        rows,
                        Integer.parseInt(arguments[4]),
                        Integer.parseInt(arguments[5]));
            }
        }
    }

    private static FlushRun.Target target(BenchmarkDatabase database) {
        return new FlushRun.Target() {
            @Override
            public void refill(int rows) {
                database.refill(rows);
            }

            @Override
            public long arrived() {
                return database.number("SELECT (SELECT sum(value) FROM counters) + (SELECT count(*) FROM audit)");
            }
        };
    }
}
