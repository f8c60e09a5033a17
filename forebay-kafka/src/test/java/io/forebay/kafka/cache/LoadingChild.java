package io.forebay.kafka.cache;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.serialization.Serdes;

/** A process that loads a topic into a store on disk, and is killed while it does. */
final class LoadingChild {
    private LoadingChild() {}

    /** Ends with SIGKILL when so many changes were laid into the store by this process. */
    static void killedAfter(int changes, String topic, Path directory) throws IOException, InterruptedException {
        Process child = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        LoadingChild.class.getName(),
                        Broker.servers(),
                        topic,
                        directory.toString(),
                        Integer.toString(changes)))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out = child.inputReader()) {
            String line = out.readLine();
            if (!"loading".equals(line)) throw new IllegalStateException("the child said " + line);
        } finally {
            child.destroyForcibly().waitFor();
        }
    }

    public static void main(String[] args) throws InterruptedException {
        int changes = Integer.parseInt(args[3]);
        AtomicInteger seen = new AtomicInteger();
        LogCache<String, String> cache = LogCache.builder(Serdes.String(), Serdes.String())
                .bootstrapServers(args[0])
                .topic(args[1])
                .store(CacheStore.rocksDb(Path.of(args[2])))
                .property("max.poll.records", 500)
                .listenerFromStart((key, now) -> {
                    if (seen.incrementAndGet() == changes) System.out.println("loading");
                })
                .build();
        Thread.currentThread().join();
        cache.close();
    }
}
