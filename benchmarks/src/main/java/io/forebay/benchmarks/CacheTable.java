package io.forebay.benchmarks;

import io.forebay.testservers.RedisServer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.RunnerException;

/** Runs {@link CacheReads} for each contender, on one Redis, and shows it as a table. */
public final class CacheTable {
    private final boolean quick;
    private final Map<Class<? extends CacheContender>, String> titles = new LinkedHashMap<>();
    private final Results results = new Results("cache");

    /** With the contenders that need no other product. */
    public CacheTable(boolean quick) {
        this.quick = quick;
        titles.put(CacheContenders.BareCaffeine.class, "bare Caffeine, in the process");
        titles.put(CacheContenders.ForebayNear.class, "`ConsistentCache`, near");
        titles.put(CacheContenders.BareRedis.class, "bare Redis `GET`");
        titles.put(CacheContenders.ForebayFromRedis.class, "`ConsistentCache`, from Redis");
    }

    /** One more; its class is public, and so is its constructor. */
    public CacheTable with(Class<? extends CacheContender> contender, String title) {
        titles.put(contender, title);
        return this;
    }

    /** Measures and prints; a full run is written to the results. */
    public void run() throws RunnerException {
        MarkdownTable table = new MarkdownTable("threads", "", "reads/s", "spread", "bytes allocated per read");
        for (int threads : List.of(1, 4)) {
            for (Class<? extends CacheContender> contender : titles.keySet()) measure(table, threads, contender);
        }
        System.out.println("### Reads of 10,000 cached values of 100 characters\n");
        System.out.println(table);
        if (!quick) results.write();
    }

    private void measure(MarkdownTable table, int threads, Class<? extends CacheContender> contender)
            throws RunnerException {
        try (RedisServer server = RedisServer.create()) {
            MicroRun.Outcome outcome = new MicroRun(CacheReads.class, quick)
                    .threads(threads)
                    .parameter("contender", contender.getName())
                    .parameter("redisPort", Integer.toString(server.port()))
                    .run()
                    .get("read");
            String title = titles.get(contender);
            results.add(title, threads + " threads", outcome.perSecond());
            table.row(
                    Integer.toString(threads),
                    title,
                    MarkdownTable.count(outcome.perSecond().median()),
                    outcome.perSecond().spread(),
                    MarkdownTable.count(outcome.bytesPerCall()));
        }
    }
}
