package io.forebay.micrometer;

import io.forebay.redis.cache.CacheStats;
import io.forebay.redis.cache.ConsistentCache;
import io.forebay.redis.cache.StalenessAuditor;
import io.forebay.redis.cache.StalenessAuditor.Tally;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.function.ToDoubleFunction;

/**
 * The metrics of consistent caches, and of what an auditor finds in them, in a Micrometer registry. Needs {@code forebay-redis} on
 * the class path, which this module does not bring. The registry holds caches and auditors weakly: after they are gone the gauge
 * reads NaN, and counters stand still.
 *
 * <p>{@code docs/metrics.md} lists them. Thread-safe.
 */
public final class CacheMetrics {
    private static final String PREFIX = "forebay.cache.";

    private final MeterRegistry registry;

    /** Metrics in {@code registry}. */
    public CacheMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /** Registers a cache's metrics under a tag {@code cache} with the name. */
    public CacheMetrics watch(String name, ConsistentCache<?> cache) {
        Tags tags = Tags.of("cache", name);
        Gauge.builder(PREFIX + "near", cache, it -> it.isNear() ? 1 : 0)
                .tags(tags)
                .register(registry);
        read(tags, "near", cache, CacheStats::nearHits);
        read(tags, "redis", cache, CacheStats::redisHits);
        read(tags, "joined", cache, CacheStats::joined);
        read(tags, "unavailable", cache, CacheStats::unavailable);
        counter("loads", tags, cache, CacheStats::loads);
        counter("load.errors", tags, cache, CacheStats::failedLoads);
        counter("stored", tags, cache, CacheStats::stored);
        counter("rejected", tags, cache, CacheStats::rejected);
        counter("unstored", tags, cache, CacheStats::unstored);
        counter("unreadable", tags, cache, CacheStats::unreadable);
        counter("near.lost", tags, cache, CacheStats::nearLost);
        return this;
    }

    private void read(Tags tags, String from, ConsistentCache<?> cache, ToDoubleFunction<CacheStats> figure) {
        counter("reads", tags.and("from", from), cache, figure);
    }

    private void counter(String name, Tags tags, ConsistentCache<?> cache, ToDoubleFunction<CacheStats> figure) {
        FunctionCounter.builder(PREFIX + name, cache, it -> figure.applyAsDouble(it.stats()))
                .tags(tags)
                .register(registry);
    }

    /** Registers what an auditor finds, under a tag {@code cache} with the name and a tag {@code after} with the seconds. */
    public CacheMetrics watch(String name, StalenessAuditor<?> auditor) {
        int ages = auditor.report().size();
        for (int age = 0; age < ages; age++) {
            found(name, "compared", age, auditor, Tally::compared);
            found(name, "stale.near", age, auditor, tally -> tally.compared() - tally.near());
            found(name, "stale.redis", age, auditor, tally -> tally.compared() - tally.redis());
            found(name, "overtaken", age, auditor, Tally::overtaken);
            found(name, "failed", age, auditor, Tally::failed);
        }
        return this;
    }

    private void found(
            String name, String result, int age, StalenessAuditor<?> auditor, ToDoubleFunction<Tally> figure) {
        FunctionCounter.builder(
                        PREFIX + "audited",
                        auditor,
                        it -> figure.applyAsDouble(it.report().get(age)))
                .tags(
                        "cache",
                        name,
                        "result",
                        result,
                        "after",
                        auditor.report().get(age).age().toSeconds() + "s")
                .register(registry);
    }
}
