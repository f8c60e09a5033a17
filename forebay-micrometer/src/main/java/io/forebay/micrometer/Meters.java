package io.forebay.micrometer;

import io.forebay.Stats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Registers figures that are read from the stats of one source, by whoever reads the registry.
 *
 * @param source held weakly by the registry
 */
record Meters<T>(MeterRegistry registry, T source, Tags tags, Function<T, Stats> stats) {

    /** Does not hold the source, unlike a lambda that names a component of this record. */
    private static <T> ToDoubleFunction<T> figure(Function<T, Stats> stats, ToDoubleFunction<Stats> value) {
        return source -> value.applyAsDouble(stats.apply(source));
    }

    void gauge(String name, String unit, ToDoubleFunction<Stats> value) {
        Gauge.builder(ForebayMetrics.name(name), source, figure(stats, value))
                .baseUnit(unit)
                .tags(tags)
                .register(registry);
    }

    void total(String name, String unit, ToDoubleFunction<Stats> value) {
        FunctionCounter.builder(ForebayMetrics.name(name), source, figure(stats, value))
                .baseUnit(unit)
                .tags(tags)
                .register(registry);
    }

    /** An age of nothing is 0. */
    void age(String name, Function<Stats, Optional<Duration>> age) {
        ToDoubleFunction<Stats> nanos =
                it -> age.apply(it).orElse(Duration.ZERO).toNanos();
        TimeGauge.builder(ForebayMetrics.name(name), source, TimeUnit.NANOSECONDS, figure(stats, nanos))
                .description("Age of the oldest mutation that is not in the database; 0 if there is none")
                .tags(tags)
                .register(registry);
    }
}
