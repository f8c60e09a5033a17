package io.forebay.benchmarks;

/** The forked part of {@link Flush}: one contender, warmed up and measured several times. */
final class FlushChild {
    static final String SPEED = "rows per second";
    static final String ROWS_PER_BATCH = "rows per batch";

    private FlushChild() {}

    /** URL, contender, rows per batch, rows, iterations to warm up, iterations to measure. */
    public static void main(String[] arguments) {
        int rows = Integer.parseInt(arguments[3]);
        int warmups = Integer.parseInt(arguments[4]);
        int measured = Integer.parseInt(arguments[5]);
        try (BenchmarkDatabase database = new BenchmarkDatabase(arguments[0])) {
            database.reset(rows);
            FlushContender contender = FlushContender.valueOf(arguments[1]);
            try (Flusher flusher = contender.open(database, Integer.parseInt(arguments[2]))) {
                for (int i = 0; i < warmups; i++) measure(database, flusher, rows);
                for (int i = 0; i < measured; i++) Fork.report(SPEED, measure(database, flusher, rows));
                Fork.report(ROWS_PER_BATCH, flusher.rowsPerBatch());
            }
        }
    }

    private static double measure(BenchmarkDatabase database, Flusher flusher, int rows) {
        database.refill(rows);
        flusher.fill(rows);
        long start = System.nanoTime();
        flusher.flush();
        double seconds = (System.nanoTime() - start) / 1e9;
        requireAll(database, rows);
        return rows / seconds;
    }

    private static void requireAll(BenchmarkDatabase database, int rows) {
        long arrived = database.number("SELECT (SELECT sum(value) FROM counters) + (SELECT count(*) FROM audit)");
        if (arrived != rows) throw new IllegalStateException("%d of %d rows arrived".formatted(arrived, rows));
    }
}
