package io.forebay.benchmarks;

/** The forked part of a {@link FlushTable}: one contender, warmed up and measured several times. One thread. */
final class FlushRun {
    static final String SPEED = "rows per second";
    static final String ROWS_PER_BATCH = "rows per batch";

    private FlushRun() {}

    /** Where the rows go. */
    interface Target {
        /** Makes all as it was before the first flush. */
        void refill(int rows);

        /** How many rows have arrived since. */
        long arrived();
    }

    /** Measures and reports. */
    static void run(Target target, Flusher flusher, int rows, int warmUps, int measured) {
        for (int i = 0; i < warmUps; i++) measure(target, flusher, rows);
        for (int i = 0; i < measured; i++) Fork.report(SPEED, measure(target, flusher, rows));
        Fork.report(ROWS_PER_BATCH, flusher.rowsPerBatch());
    }

    private static double measure(Target target, Flusher flusher, int rows) {
        target.refill(rows);
        flusher.fill(rows);
        long start = System.nanoTime();
        flusher.flush();
        double seconds = (System.nanoTime() - start) / 1e9;
        long arrived = target.arrived();
        if (arrived != rows) throw new IllegalStateException("%d of %d rows arrived".formatted(arrived, rows));
        return rows / seconds;
    }
}
