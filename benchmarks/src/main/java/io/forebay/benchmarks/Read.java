package io.forebay.benchmarks;

import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.Table;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Reads of one counter: exact, by way of Forebay, beside a plain SELECT by the primary key through the same pool. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class Read {
    private static final int ROWS = 100_000;
    /** Rows with a smaller id have pending increments. */
    private static final int PENDING = 10_000;

    /** Where the database is. */
    @Param("")
    public String jdbcUrl = "";

    private Path journal = Path.of(".");
    private BenchmarkDatabase database;
    private Forebay forebay;
    private Table counters;

    /** Makes the table, and leaves some rows with an increment that is not flushed. */
    @Setup(Level.Trial)
    public void open() {
        database = new BenchmarkDatabase(jdbcUrl);
        database.reset(ROWS);
        journal = Folders.create();
        forebay = Forebay.builder()
                .database(database.dataSource())
                .journal(journal)
                .createTables()
                .flush(FlushPolicy.DEFAULT.withInterval(Duration.ofHours(1), Duration.ZERO))
                .build();
        counters = forebay.table("counters");
        for (int id = 0; id < PENDING; id++) counters.row(id).increment("value");
    }

    /** Closes and deletes. */
    @TearDown(Level.Trial)
    public void close() {
        forebay.close();
        database.close();
        Folders.delete(journal);
    }

    /** The yardstick: what the database holds. */
    @Benchmark
    public long select() {
        long id = ThreadLocalRandom.current().nextInt(ROWS);
        return database.run(connection -> {
            try (PreparedStatement statement = connection.prepareStatement("SELECT value FROM counters WHERE id = ?")) {
                statement.setLong(1, id);
                try (ResultSet row = statement.executeQuery()) {
                    return row.next() ? row.getLong(1) : 0;
                }
            }
        });
    }

    /** Nothing is pending for the row. */
    @Benchmark
    public long settled() {
        return counters.row(ThreadLocalRandom.current().nextInt(PENDING, ROWS)).getLong("value");
    }

    /** An increment of the row is pending. */
    @Benchmark
    public long pending() {
        return counters.row(ThreadLocalRandom.current().nextInt(PENDING)).getLong("value");
    }
}
