package io.forebay.benchmarks;

import io.forebay.cdc.CdcListener;
import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.FileDeadLetters;
import io.forebay.cdc.Stages;
import io.forebay.cdc.engine.EngineSource;
import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.rule.Rules;
import io.forebay.redis.RedisSettings;
import io.forebay.redis.cache.CacheCodec;
import io.forebay.redis.cache.CacheSettings;
import io.forebay.redis.cache.ConsistentCache;
import io.forebay.redis.cache.NearPolicy;
import io.forebay.redis.cache.RedisInvalidations;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * The forked part of {@link Invalidation} that changes rows in PostgreSQL, one after the other, and watches the near cache. It looks
 * every 50 µs.
 */
final class EvictionChild {
    /** Places on the way of a change. */
    static final List<String> STAGES =
            List.of("Debezium has read it", "Redis has acknowledged it", "it is gone from the near cache");

    private static final String TABLE = "public.customers";
    private static final int WARM_UPS = 200;
    private static final long LOOK_NANOS = 50_000;
    private static final long LONGEST_NANOS = Duration.ofSeconds(30).toNanos();

    private final BenchmarkDatabase database;
    private final ConsistentCache<String> cache;
    private final int changes;
    private final Latencies captured;
    private final Latencies acknowledged;
    private final Latencies gone;
    private volatile boolean counts;
    private volatile boolean ends;

    private EvictionChild(BenchmarkDatabase database, ConsistentCache<String> cache, int changes) {
        this.database = database;
        this.cache = cache;
        this.changes = changes;
        this.captured = new Latencies(changes);
        this.acknowledged = new Latencies(changes);
        this.gone = new Latencies(changes);
    }

    /** Port of PostgreSQL, URI of Redis, commits per second beside those that are watched, changes that are watched. */
    public static void main(String[] arguments) {
        int port = Integer.parseInt(arguments[0]);
        int others = Integer.parseInt(arguments[2]);
        int changes = Integer.parseInt(arguments[3]);
        CacheSettings settings = CacheSettings.of(RedisSettings.of(arguments[1]), "benchmark")
                .withTtl(Duration.ofHours(1), Duration.ZERO);
        Path folder = Folders.create();
        NearPolicy near = NearPolicy.DEFAULT.withMaxEntries(1_000_000).withTtl(Duration.ofHours(1));
        try (BenchmarkDatabase database =
                        new BenchmarkDatabase("jdbc:postgresql://127.0.0.1:%d/postgres?user=postgres".formatted(port));
                ConsistentCache<String> cache = ConsistentCache.builder(settings, CacheCodec.json(String.class))
                        .near(near)
                        .open();
                RedisInvalidations target = RedisInvalidations.open(settings)) {
            database.execute("CREATE TABLE customers (id bigint PRIMARY KEY, name text)");
            database.execute("CREATE TABLE others (id bigint PRIMARY KEY, name text)");
            database.execute("INSERT INTO customers SELECT id, 'Customer' FROM generate_series(1, %d) id"
                    .formatted(changes + WARM_UPS));
            database.execute("INSERT INTO others SELECT id, 'Other' FROM generate_series(1, 1000) id");
            new EvictionChild(database, cache, changes).run(port, folder, target, others);
        }
        Folders.delete(folder);
    }

    private void run(int port, Path folder, RedisInvalidations target, int others) {
        Thread beside = new Thread(() -> commitOthers(others), "others");
        try (CdcPipeline pipeline = pipeline(port, folder, target)) {
            await(
                    "the engine",
                    () -> pipeline.status().sourceHealthy()
                            && pipeline.status().gaps() > 0
                            && pipeline.status().underWay() == 0
                            && cache.isNear());
            beside.start();
            for (int id = 1; id <= WARM_UPS; id++) change(id);
            counts = true;
            for (int id = WARM_UPS + 1; id <= WARM_UPS + changes; id++) gone.add(change(id));
            await("the last change to be handled", () -> acknowledged.count() == changes);
            ends = true;
            beside.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        captured.report(STAGES.get(0));
        acknowledged.report(STAGES.get(1));
        gone.report(STAGES.get(2));
    }

    private CdcPipeline pipeline(int port, Path folder, RedisInvalidations target) {
        return CdcPipeline.builder()
                .source(EngineSource.builder(folder.resolve("position"))
                        .postgres("127.0.0.1", port, "postgres", "postgres", "unused")
                        .property("table.include.list", TABLE + ",public.others")
                        .build())
                .rules(Rules.builder()
                        .on(TABLE, rule -> rule.key("customer:{id}"))
                        .on("public.others", rule -> rule.key("other:{id}"))
                        .build())
                .cache(target)
                .deadLetters(FileDeadLetters.at(folder.resolve("dead-letters.jsonl")))
                .listener(new CdcListener() {
                    @Override
                    public void handled(ChangeEvent event, Stages passed) {
                        if (counts && event.table().toString().equals(TABLE)) note(passed);
                    }
                })
                .start();
    }

    private void note(Stages passed) {
        captured.add(Duration.between(passed.committed(), passed.captured()).toNanos());
        acknowledged.add(passed.total().orElseThrow().toNanos());
    }

    private void commitOthers(int perSecond) {
        if (perSecond == 0) return;
        Random random = new Random(1);
        long begun = System.nanoTime();
        for (long done = 0; !ends; done++) {
            long due = begun + done * 1_000_000_000L / perSecond;
            for (long now = System.nanoTime(); now < due; now = System.nanoTime()) LockSupport.parkNanos(due - now);
            database.execute("UPDATE others SET name = 'Other' WHERE id = " + (1 + random.nextInt(1000)));
        }
    }

    /** Changes a row that is near; returns how long it stayed so, in nanoseconds. */
    private long change(int id) {
        String key = "customer:" + id;
        await(key + " to be near", () -> isCached(key));
        database.execute("UPDATE customers SET name = 'Client' WHERE id = " + id);
        long committed = System.nanoTime();
        await(key + " to go", () -> !isCached(key));
        return System.nanoTime() - committed;
    }

    /** Also fills, if it is not. */
    private boolean isCached(String key) {
        boolean[] loaded = new boolean[1];
        cache.get(key, missing -> {
            loaded[0] = true;
            return "Customer";
        });
        return !loaded[0];
    }

    private static void await(String what, BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > LONGEST_NANOS) throw new IllegalStateException("waited long for " + what);
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }
}
