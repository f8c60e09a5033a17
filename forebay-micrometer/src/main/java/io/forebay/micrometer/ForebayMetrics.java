package io.forebay.micrometer;

import io.forebay.Database;
import io.forebay.Forebay;
import io.forebay.ForebayException;
import io.forebay.ForebayListener;
import io.forebay.Stats;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.DeadLetter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Forebay's metrics in a Micrometer registry, each with the tag {@code database}. Give it to the builder as its listener,
 * and then the built Forebay to {@link #watch}:
 *
 * <pre>{@code
 * ForebayMetrics metrics = new ForebayMetrics(registry);
 * Forebay forebay = Forebay.builder().listener(metrics)….build();
 * metrics.watch(forebay);
 * }</pre>
 *
 * <p>Gauges are computed by whoever reads the registry, never by one of Forebay's threads: the age of the oldest pending
 * mutation goes on growing when a worker is dead. {@code docs/metrics.md} lists every metric with its unit and what to alert
 * on. Thread-safe.
 */
public final class ForebayMetrics implements ForebayListener {
    private static final String DATABASE = "database";

    private final MeterRegistry registry;

    /** Metrics in {@code registry}; each appears with its first event, the gauges with {@link #watch}. */
    public ForebayMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * Registers the gauges and totals of every database of {@code forebay}. The registry holds it weakly: after it is gone
     * the gauges read NaN.
     *
     * @return this
     */
    public ForebayMetrics watch(Forebay forebay) {
        forebay.databases().forEach(this::watch);
        return this;
    }

    private void watch(Database database) {
        gauge(database, "pending.rows", BaseUnits.ROWS, Stats::pendingRows);
        gauge(database, "pending.bytes", BaseUnits.BYTES, Stats::pendingBytes);
        gauge(database, "journal.bytes", BaseUnits.BYTES, Stats::journalBytes);
        gauge(database, "partitions.halted", "partitions", Stats::haltedPartitions);
        gauge(database, "healthy", "1 or 0", stats -> stats.healthy() ? 1 : 0);
        TimeGauge.builder(name("pending.age"), database, TimeUnit.NANOSECONDS, it -> age(it.stats()))
                .description("Age of the oldest mutation that is not in the database; 0 if there is none")
                .tags(tags(database.name()))
                .register(registry);

        total(database, "mutations", "writes", Stats::mutations);
        total(database, "writes.refused", "writes", Stats::refused);
        total(database, "rows.flushed", BaseUnits.ROWS, Stats::rowsFlushed);
        total(database, "statements", "statements", Stats::statements);
        total(database, "rows.ignored", BaseUnits.ROWS, Stats::ignored);
    }

    private static double age(Stats stats) {
        return stats.oldestPending().orElse(Duration.ZERO).toNanos();
    }

    private void gauge(Database database, String name, String unit, ToDoubleFunction<Stats> value) {
        Gauge.builder(name(name), database, it -> value.applyAsDouble(it.stats()))
                .baseUnit(unit)
                .tags(tags(database.name()))
                .register(registry);
    }

    private void total(Database database, String name, String unit, ToDoubleFunction<Stats> value) {
        FunctionCounter.builder(name(name), database, it -> value.applyAsDouble(it.stats()))
                .baseUnit(unit)
                .tags(tags(database.name()))
                .register(registry);
    }

    @Override
    public void appended(String database, int windows, int bytes) {
        summary("journal.frame", BaseUnits.BYTES, database).record(bytes);
    }

    @Override
    public void forced(String database, int windows, Duration took) {
        timer("journal.force", tags(database)).record(took);
    }

    @Override
    public void flushed(String database, Batch batch, BatchResult result, Duration took) {
        timer("flush", tags(database)).record(took);
        summary("flush.size", BaseUnits.ROWS, database).record(batch.size());
    }

    @Override
    public void deadLettered(String database, Batch batch, DeadLetter letter) {
        count("dead.letters", tags(database).and(Tag.of("table", letter.table())));
    }

    @Override
    public void retrying(String database, int partition, ForebayException reason, Duration wait) {
        count("flush.retries", tags(database).and(reason(reason)));
    }

    @Override
    public void halted(String database, int partition, ForebayException reason) {
        count("partitions.stops", tags(database).and(reason(reason)));
    }

    @Override
    public void rewound(String database, int partition, long watermark) {
        count("rewinds", tags(database));
    }

    @Override
    public void blocked(String database, Duration took, boolean refused) {
        timer("writes.blocked", tags(database).and("outcome", refused ? "refused" : "admitted"))
                .record(took);
    }

    @Override
    public void revived(String database, String what) {
        count("flush.revivals", tags(database));
    }

    private static Tag reason(ForebayException reason) {
        return Tag.of("reason", reason.getClass().getSimpleName());
    }

    private void count(String name, Tags tags) {
        registry.counter(name(name), tags).increment();
    }

    private Timer timer(String name, Tags tags) {
        return registry.timer(name(name), tags);
    }

    private DistributionSummary summary(String name, String unit, String database) {
        return DistributionSummary.builder(name(name))
                .baseUnit(unit)
                .tags(tags(database))
                .register(registry);
    }

    private static String name(String name) {
        return "forebay." + name;
    }

    private static Tags tags(String database) {
        return Tags.of(DATABASE, database);
    }
}
