package io.forebay.benchmarks;

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

/** Reads of 10,000 values of 100 characters, all of which are cached. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class CacheReads {
    private static final int KEYS = 10_000;

    /** The class of the {@link CacheContender}. */
    @Param("")
    public String contender = "";

    /** Where Redis is. */
    @Param("0")
    public int redisPort;

    private CacheContender cache = new CacheContenders.BareCaffeine();

    /** Makes the contender and fills it. */
    @Setup(Level.Trial)
    public void open() throws ReflectiveOperationException {
        cache = (CacheContender) Class.forName(contender).getConstructor().newInstance();
        cache.open(redisPort, KEYS, "x".repeat(100));
    }

    /** Ends its connections. */
    @TearDown(Level.Trial)
    public void close() {
        cache.close();
    }

    /** One read. */
    @Benchmark
    public String read() {
        return cache.get(ThreadLocalRandom.current().nextInt(KEYS));
    }
}
