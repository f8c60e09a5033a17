package io.forebay.benchmarks;

/** Ways to bring waiting rows into PostgreSQL. */
enum FlushContender implements FlushTable.Contender {
    FOREBAY_COUNTERS("Forebay"),
    UNNEST("hand-written `UPDATE … FROM unnest`"),
    JDBC_BATCH("hand-written JDBC batch of updates"),
    SINGLE("hand-written: one row per transaction"),
    FOREBAY_APPENDS("Forebay"),
    COPY("hand-written `COPY`");

    private final String title;

    FlushContender(String title) {
        this.title = title;
    }

    @Override
    public String title() {
        return title;
    }

    /** The contender itself. */
    Flusher open(BenchmarkDatabase database, int batchRows) {
        return switch (this) {
            case FOREBAY_COUNTERS -> ForebayFlusher.ofCounters(database, batchRows);
            case FOREBAY_APPENDS -> ForebayFlusher.ofAppends(database, batchRows);
            case UNNEST -> new MapFlusher(database, batchRows, HandWritten::updateFromUnnest);
            case JDBC_BATCH -> new MapFlusher(database, batchRows, HandWritten::updateInJdbcBatch);
            case SINGLE -> new MapFlusher(database, 1, HandWritten::updateInJdbcBatch);
            case COPY -> new CopyFlusher(database, batchRows);
        };
    }
}
