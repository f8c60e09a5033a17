package io.forebay.benchmarks.peers;

import io.forebay.benchmarks.CacheTable;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** {@code cache [--quick]}: reads of the consistent cache beside what it is made of, and beside Redisson's. */
public final class CachePeers {
    private CachePeers() {}

    /** The name of the benchmark, and {@code --quick} for fewer and shorter iterations. */
    public static void main(String[] arguments) throws RunnerException {
        new CacheTable(List.of(arguments).contains("--quick"))
                .with(RedissonCaches.Local.class, "Redisson, local cached map")
                .with(RedissonCaches.Remote.class, "Redisson, map")
                .run();
    }
}
