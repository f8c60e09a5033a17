package io.forebay.benchmarks;

import io.forebay.Ack;
import io.forebay.Durability;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.Table;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Increments of rows with Zipf-distributed keys, beside {@link ConcurrentHashMap#merge} on the same keys. An invocation is a
 * block of increments; the synced form ends when the last of its acks does.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class Ingest {
    private static final int BLOCK = 10_000;
    private static final int KEYS = 100_000;

    private final int[] sequence = ZipfKeys.sequence(1 << 20, KEYS, 0.99, 42);
    private final ConcurrentHashMap<Integer, Long> map = new ConcurrentHashMap<>();
    private Path directory = Path.of(".");
    private Forebay forebay;
    private List<Row> rows;
    private int next;

    /** Opens a buffer with a journal on disk, before a database that takes everything. */
    @Setup(Level.Trial)
    public void open() throws IOException {
        directory = Files.createTempDirectory("forebay-ingest");
        forebay = Forebay.builder()
                .database("nowhere", new AcceptingSink())
                .journal(directory)
                .flush(FlushPolicy.DEFAULT.withInterval(Duration.ofSeconds(1), Duration.ZERO))
                .build();
        Table counters = forebay.table("counters", t -> t.onMissingRow(MissingRow.INSERT));
        rows = IntStream.range(0, KEYS)
                .mapToObj(id -> counters.row(id).with(Durability.SYNCED))
                .toList();
    }

    /** Closes and deletes. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        forebay.close();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(Ingest::delete);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The yardstick: a map in memory. */
    @Benchmark
    @OperationsPerInvocation(BLOCK)
    public void map() {
        for (int i = 0; i < BLOCK; i++) map.merge(nextKey(), 1L, Long::sum);
    }

    /** Nobody waits; the journal is written all the same. */
    @Benchmark
    @OperationsPerInvocation(BLOCK)
    public void memory() {
        for (int i = 0; i < BLOCK; i++) rows.get(nextKey()).increment("value");
    }

    /** The last ack of the block is awaited: forced to disk. */
    @Benchmark
    @OperationsPerInvocation(BLOCK)
    public void synced() {
        Ack last = rows.get(nextKey()).increment("value");
        for (int i = 1; i < BLOCK; i++) last = rows.get(nextKey()).increment("value");
        last.await();
    }

    private int nextKey() {
        next = (next + 1) & (sequence.length - 1);
        return sequence[next];
    }
}
