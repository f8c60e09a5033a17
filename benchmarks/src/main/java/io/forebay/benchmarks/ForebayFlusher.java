package io.forebay.benchmarks;

import io.forebay.Ack;
import io.forebay.BufferPolicy;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.FullPolicy;
import io.forebay.Stats;
import io.forebay.Table;
import io.forebay.jdbc.JdbcSinkProvider;
import io.forebay.spi.Sink;
import io.forebay.spi.SinkSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.IntFunction;

/**
 * Forebay, with a journal on disk and one partition, so that one thread flushes as in the hand-written forms. Its batches wait
 * before the sink while it is filled.
 */
final class ForebayFlusher implements Flusher {
    private final Path journal = Folders.create();
    private final HoldingSink sink;
    private final Forebay forebay;
    private final IntFunction<Ack> write;

    private ForebayFlusher(Sink database, int batchRows, String table, Write write) {
        this.sink = new HoldingSink(database);
        this.forebay = Forebay.builder()
                .database(Forebay.DEFAULT_DATABASE, sink)
                .journal(journal)
                .partitions(1)
                .flush(FlushPolicy.DEFAULT
                        .withMaxRows(batchRows)
                        .withMaxBytes(1L << 30)
                        .withInterval(Duration.ofHours(1), Duration.ZERO))
                .buffer(new BufferPolicy(1L << 30, 5_000_000, FullPolicy.BLOCK, Duration.ofSeconds(30)))
                .build();
        Table opened = forebay.table(table);
        this.write = id -> write.to(opened, id);
    }

    private interface Write {
        Ack to(Table table, int id);
    }

    private static Sink jdbc(BenchmarkDatabase database) {
        return new JdbcSinkProvider()
                .create(database.dataSource(), new SinkSettings(FlushPolicy.DEFAULT.timeout(), true))
                .orElseThrow();
    }

    static ForebayFlusher ofCounters(BenchmarkDatabase database, int batchRows) {
        return ofCounters(jdbc(database), batchRows, id -> (long) id);
    }

    /** @param key of a row, by its number */
    static ForebayFlusher ofCounters(Sink database, int batchRows, IntFunction<Object> key) {
        return new ForebayFlusher(
                database,
                batchRows,
                "counters",
                (table, id) -> table.row(key.apply(id)).increment("value"));
    }

    static ForebayFlusher ofAppends(BenchmarkDatabase database, int batchRows) {
        return new ForebayFlusher(
                jdbc(database),
                batchRows,
                "audit",
                (table, id) -> table.insert(
                        Map.of("id", (long) id, "who", "user-" + id % 1_000, "what", "looked at page " + id % 50_000)));
    }

    @Override
    public void fill(int rows) {
        sink.hold();
        Ack last = write.apply(0);
        for (int id = 1; id < rows; id++) last = write.apply(id);
        last.await();
    }

    @Override
    public void flush() {
        sink.pass();
        forebay.flushAndWait();
    }

    @Override
    public double rowsPerBatch() {
        Stats stats = forebay.stats();
        return (double) stats.rowsFlushed() / stats.batches();
    }

    @Override
    public void close() {
        forebay.close();
        Folders.delete(journal);
    }
}
