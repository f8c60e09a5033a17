package io.forebay.micrometer;

import io.forebay.kafka.cache.LogCache;
import io.forebay.kafka.cache.LogCacheState;
import io.forebay.kafka.cache.LogCacheStats;
import io.forebay.kafka.cache.RebuildReason;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.FunctionTimer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/**
 * The metrics of {@link LogCache}s in a Micrometer registry, each with the tag {@code topic}. Needs {@code forebay-kafka} on
 * the class path, which this module does not bring.
 *
 * <pre>{@code
 * new LogCacheMetrics(registry).watch(cache);
 * }</pre>
 *
 * <p>All are computed by whoever reads the registry. The lag is as of the cache's last check of the topic's end, which has a
 * thread and a client of its own: it grows when the thread that reads the topic is dead. {@code docs/metrics.md} lists them.
 * Thread-safe.
 */
public final class LogCacheMetrics {
    private static final String PREFIX = "forebay.logcache.";

    private final MeterRegistry registry;

    /** Metrics in {@code registry}; they appear with {@link #watch}. */
    public LogCacheMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * Registers the metrics of a cache. The registry holds it weakly: after it is gone the gauges read NaN.
     *
     * @return this
     */
    public LogCacheMetrics watch(LogCache<?, ?> cache) {
        new Watched(registry, cache, Tags.of("topic", cache.topic())).register();
        return this;
    }

    /** One cache. Lambdas name the cache they are given and never this, so that the registry does not hold it. */
    private record Watched(MeterRegistry registry, LogCache<?, ?> cache, Tags tags) {
        void register() {
            gauge("ready", "1 or 0", stats -> stats.state() == LogCacheState.READY ? 1 : 0);
            gauge("entries", "entries", LogCacheStats::entries);
            gauge("store.size", BaseUnits.BYTES, LogCacheStats::storeBytes);
            gauge("waiters", BaseUnits.THREADS, LogCacheStats::waiters);
            gauge("load.records", "records", LogCacheStats::loadedRecords);
            lag();
            time("load.time", stats -> nanos(stats.loading()));
            time("check.age", stats -> nanos(stats.checkAge()));
            time(
                    "last.applied",
                    stats -> stats.lastApplied()
                            .map(at -> (double) TimeUnit.MILLISECONDS.toNanos(at.toEpochMilli()))
                            .orElse(Double.NaN));
            records("applied", LogCacheStats::applied);
            records("deleted", LogCacheStats::deleted);
            records("skipped", LogCacheStats::skipped);
            records("rejected", LogCacheStats::rejected);
            records("poison", LogCacheStats::poison);
            records("null_key", LogCacheStats::nullKeys);
            total("dead.letters", "records", tags, LogCacheStats::deadLetters);
            total("consumer.errors", "errors", tags, LogCacheStats::readerErrors);
            total("listener.errors", "errors", tags, LogCacheStats::listenerErrors);
            total("put.errors", "writes", tags, LogCacheStats::putErrors);
            total("wait.timeouts", "calls", tags, LogCacheStats::waitTimeouts);
            timer("put", LogCacheStats::puts, LogCacheStats::putTime);
            timer("wait", LogCacheStats::waits, LogCacheStats::waitTime);
            for (RebuildReason reason : RebuildReason.values())
                total("rebuilds", "rebuilds", tags.and("reason", reason.name()), stats -> rebuilds(stats, reason));
        }

        /** Partitions appear as they are found: with each reading of the largest lag. */
        private void lag() {
            Set<Integer> known = ConcurrentHashMap.newKeySet();
            MeterRegistry into = registry;
            Tags with = tags;
            Gauge.builder(PREFIX + "consumer.lag.max", cache, it -> {
                        for (Integer partition : it.stats().lag().keySet())
                            if (known.add(partition)) lag(into, with, it, partition);
                        return it.stats().lag().values().stream()
                                .mapToLong(Long::longValue)
                                .max()
                                .orElse(0);
                    })
                    .baseUnit("records")
                    .tags(tags)
                    .register(registry);
        }

        private static void lag(MeterRegistry registry, Tags tags, LogCache<?, ?> cache, Integer partition) {
            Gauge.builder(
                            PREFIX + "consumer.lag",
                            cache,
                            of(stats -> stats.lag().getOrDefault(partition, 0L)))
                    .baseUnit("records")
                    .tags(tags.and("partition", partition.toString()))
                    .register(registry);
        }

        private static long rebuilds(LogCacheStats stats, RebuildReason reason) {
            return stats.rebuilds().getOrDefault(reason, 0L);
        }

        private static double nanos(Duration duration) {
            return duration.toNanos();
        }

        private static ToDoubleFunction<LogCache<?, ?>> of(ToDoubleFunction<LogCacheStats> figure) {
            return cache -> figure.applyAsDouble(cache.stats());
        }

        private void gauge(String name, String unit, ToDoubleFunction<LogCacheStats> figure) {
            Gauge.builder(PREFIX + name, cache, of(figure))
                    .baseUnit(unit)
                    .tags(tags)
                    .register(registry);
        }

        private void time(String name, ToDoubleFunction<LogCacheStats> nanos) {
            TimeGauge.builder(PREFIX + name, cache, TimeUnit.NANOSECONDS, of(nanos))
                    .tags(tags)
                    .register(registry);
        }

        private void records(String result, ToDoubleFunction<LogCacheStats> figure) {
            total("records", "records", tags.and("result", result), figure);
        }

        private void total(String name, String unit, Tags with, ToDoubleFunction<LogCacheStats> figure) {
            FunctionCounter.builder(PREFIX + name, cache, of(figure))
                    .baseUnit(unit)
                    .tags(with)
                    .register(registry);
        }

        private void timer(String name, ToLongFunction<LogCacheStats> count, Function<LogCacheStats, Duration> total) {
            FunctionTimer.builder(
                            PREFIX + name,
                            cache,
                            it -> count.applyAsLong(it.stats()),
                            it -> total.apply(it.stats()).toNanos(),
                            TimeUnit.NANOSECONDS)
                    .tags(tags)
                    .register(registry);
        }
    }
}
