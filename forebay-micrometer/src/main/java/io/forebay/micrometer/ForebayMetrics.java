package io.forebay.micrometer;

import io.forebay.Database;
import io.forebay.Forebay;
import io.forebay.ForebayException;
import io.forebay.Stats;
import io.forebay.batch.BatchBuffer;
import io.forebay.batch.BatchListener;
import io.forebay.batch.EventBatch;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.FencedException;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
 * <p>It hears of a {@link BatchBuffer} in the same way; the tag is its name then.
 *
 * <p>Gauges are computed by whoever reads the registry, never by one of Forebay's threads: the age of the oldest pending
 * mutation goes on growing when a worker is dead. {@code docs/metrics.md} lists every metric with its unit and what to alert
 * on. Thread-safe.
 */
public final class ForebayMetrics implements BatchListener {
    private static final String DATABASE = "database";

    private final MeterRegistry registry;
    private final Map<Tags, AtomicLong> epochs = new ConcurrentHashMap<>();

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
        for (Database database : forebay.databases()) watch(database, database.name(), Database::stats);
        return this;
    }

    /**
     * As {@link #watch(Forebay)}, for a buffer of events.
     *
     * @return this
     */
    public ForebayMetrics watch(BatchBuffer<?, ?> buffer) {
        watch(buffer, buffer.name(), watched -> watched.info().stats());
        return this;
    }

    private <T> void watch(T source, String name, Function<T, Stats> stats) {
        Meters<T> meters = new Meters<>(registry, source, tags(name), stats);
        meters.gauge("pending.rows", BaseUnits.ROWS, Stats::pendingRows);
        meters.gauge("pending.bytes", BaseUnits.BYTES, Stats::pendingBytes);
        meters.gauge("journal.bytes", BaseUnits.BYTES, Stats::journalBytes);
        meters.gauge("partitions.halted", "partitions", Stats::haltedPartitions);
        meters.gauge("healthy", "1 or 0", it -> it.healthy() ? 1 : 0);
        meters.age("pending.age", Stats::oldestPending);

        meters.total("mutations", "writes", Stats::mutations);
        meters.total("writes.refused", "writes", Stats::refused);
        meters.total("rows.flushed", BaseUnits.ROWS, Stats::rowsFlushed);
        meters.total("statements", "statements", Stats::statements);
        meters.total("rows.ignored", BaseUnits.ROWS, Stats::ignored);
        meters.total("overlay.hits", "reads", Stats::overlayHits);
        meters.total("overlay.misses", "reads", Stats::overlayMisses);
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
    public void owned(String database, int partition, long epoch) {
        epoch(database, partition).set(epoch);
    }

    /** The registry holds a gauge's number weakly, this map holds it as long as the metrics are used. */
    private AtomicLong epoch(String database, int partition) {
        Tags tags = tags(database).and("partition", String.valueOf(partition));
        return epochs.computeIfAbsent(tags, it -> {
            AtomicLong epoch = new AtomicLong();
            Gauge.builder(name("partition.epoch"), epoch, AtomicLong::get)
                    .tags(it)
                    .register(registry);
            return epoch;
        });
    }

    @Override
    public void halted(String database, int partition, ForebayException reason) {
        if (reason instanceof FencedException) epoch(database, partition).set(0);
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

    @Override
    public void insertStopped(String buffer, int events, Duration took, @Nullable Throwable failure) {
        timer("batch.insert", tags(buffer).and(outcome(failure))).record(took);
    }

    @Override
    public void flushStopped(String buffer, EventBatch<?> batch, Duration took, @Nullable Throwable failure) {
        timer("batch.handler", tags(buffer).and(outcome(failure))).record(took);
    }

    private static Tag outcome(@Nullable Throwable failure) {
        return Tag.of("outcome", failure == null ? "done" : "failed");
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

    static String name(String name) {
        return "forebay." + name;
    }

    private static Tags tags(String database) {
        return Tags.of(DATABASE, database);
    }
}
