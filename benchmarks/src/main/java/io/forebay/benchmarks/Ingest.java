package io.forebay.benchmarks;

import io.forebay.Ack;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.Table;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Increments of rows, beside {@link ConcurrentHashMap#merge} on the same keys. An invocation is a block of increments that ends
 * when the last of its acks does, so a thread never has more than a block outstanding.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class Ingest {
    private static final int BLOCK = 10_000;
    private static final int SHORT_BLOCK = 50;
    private static final int KEYS = 100_000;

    /** Zipf 0.99 over 100,000 rows, or the same row always. */
    @Param({"zipf", "hot"})
    public String keys = "";

    private final AtomicInteger threads = new AtomicInteger();
    private final ConcurrentHashMap<Integer, Long> map = new ConcurrentHashMap<>();
    private int[] sequence = {};
    private Path directory = Path.of(".");
    private Forebay forebay;
    private List<Row> rows;
    private List<Row> journaledRows;
    private List<Row> syncedRows;

    /** Opens a buffer with a journal on disk, before a database that takes everything. */
    @Setup(Level.Trial)
    public void open() {
        sequence = keys.equals("hot") ? new int[1 << 20] : ZipfKeys.sequence(1 << 20, KEYS, 0.99, 42);
        directory = Folders.create();
        forebay = Forebay.builder()
                .database("nowhere", new AcceptingSink())
                .journal(directory)
                .flush(FlushPolicy.DEFAULT.withInterval(Duration.ofSeconds(1), Duration.ZERO))
                .build();
        Table counters = forebay.table("counters", t -> t.onMissingRow(MissingRow.INSERT));
        rows = rows(counters.with(Durability.MEMORY));
        journaledRows = rows(counters.with(Durability.JOURNALED));
        syncedRows = rows(counters.with(Durability.SYNCED));
    }

    private static List<Row> rows(Table table) {
        return IntStream.range(0, KEYS).mapToObj(table::row).toList();
    }

    /** Closes and deletes. */
    @TearDown(Level.Trial)
    public void close() {
        forebay.close();
        Folders.delete(directory);
    }

    /** Each thread goes through the keys from a place of its own. */
    @State(Scope.Thread)
    public static class Cursor {
        private int[] sequence = {};
        private int next;

        /** Takes a place that no other thread has. */
        @Setup(Level.Trial)
        public void begin(Ingest ingest) {
            sequence = ingest.sequence;
            next = ingest.threads.getAndIncrement() * 250_007;
        }

        int nextKey() {
            next = (next + 1) & (sequence.length - 1);
            return sequence[next];
        }
    }

    /** The yardstick: a map in memory. */
    @Benchmark
    @OperationsPerInvocation(BLOCK)
    public void map(Cursor cursor) {
        for (int i = 0; i < BLOCK; i++) map.merge(cursor.nextKey(), 1L, Long::sum);
    }

    /** Acknowledged in memory; the journal is written all the same, and nobody waits for it. */
    @Benchmark
    @OperationsPerInvocation(BLOCK)
    public void memory(Cursor cursor) {
        increment(rows, cursor, BLOCK).await();
    }

    /** The last ack of the block is awaited: written to the journal. */
    @Benchmark
    @OperationsPerInvocation(BLOCK)
    public void journaled(Cursor cursor) {
        increment(journaledRows, cursor, BLOCK).await();
    }

    /** The last ack of the block is awaited: forced to disk. */
    @Benchmark
    @OperationsPerInvocation(BLOCK)
    public void synced(Cursor cursor) {
        increment(syncedRows, cursor, BLOCK).await();
    }

    /** Every ack is awaited before the next increment. */
    @Benchmark
    @OperationsPerInvocation(SHORT_BLOCK)
    public void syncedEach(Cursor cursor) {
        for (int i = 0; i < SHORT_BLOCK; i++) increment(syncedRows, cursor, 1).await();
    }

    /** The ack of the last increment completes no earlier than those before it. */
    private static Ack increment(List<Row> rows, Cursor cursor, int times) {
        Ack last = rows.get(cursor.nextKey()).increment("value");
        for (int i = 1; i < times; i++) last = rows.get(cursor.nextKey()).increment("value");
        return last;
    }
}
