package io.forebay.micrometer;

import io.forebay.cdc.CdcListener;
import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.DeadLetter;
import io.forebay.cdc.PipelineStatus;
import io.forebay.cdc.Stages;
import io.forebay.cdc.event.ChangeEvent;
import io.forebay.cdc.event.ChangeRecord;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The metrics of a {@link CdcPipeline} in a Micrometer registry. Needs {@code forebay-cdc} on the class path, which this module
 * does not bring.
 *
 * <pre>{@code
 * CdcMetrics metrics = new CdcMetrics(registry);
 * metrics.watch(CdcPipeline.builder().source(source).rules(rules).cache(cache).deadLetters(letters).listener(metrics).start());
 * }</pre>
 *
 * <p>{@code docs/metrics.md} lists them. Thread-safe.
 */
public final class CdcMetrics implements CdcListener {
    private static final String PREFIX = "forebay.cdc.";

    private final MeterRegistry registry;

    /** Metrics in {@code registry}. */
    public CdcMetrics(MeterRegistry registry) {
        this.registry = registry;
        counter("dead.letters");
        counter("gaps");
        counter("flushes");
        counter("retries");
        counter("source.errors");
    }

    /**
     * Registers what is read from the pipeline itself. The registry holds it weakly: after it is gone the gauges read NaN.
     *
     * @return this
     */
    public CdcMetrics watch(CdcPipeline pipeline) {
        gauge("under.way", pipeline, PipelineStatus::underWay);
        gauge("blocked", pipeline, PipelineStatus::blocked);
        gauge("cache.answers", pipeline, status -> status.cacheAnswers() ? 1 : 0);
        gauge("source.healthy", pipeline, status -> status.sourceHealthy() ? 1 : 0);
        return this;
    }

    private void gauge(String name, CdcPipeline pipeline, ToDoubleFunction<PipelineStatus> figure) {
        Gauge.builder(PREFIX + name, pipeline, it -> figure.applyAsDouble(it.status()))
                .register(registry);
    }

    private Counter counter(String name, String... tags) {
        return registry.counter(PREFIX + name, tags);
    }

    @Override
    public void handled(ChangeEvent event, Stages stages) {
        counter("records", "result", "handled").increment();
        stage("capture", stages.committed(), stages.captured());
        stage("publish", stages.captured(), stages.published());
        stage("handle", stages.received(), stages.acknowledged());
        stage("total", stages.committed(), stages.acknowledged());
    }

    private void stage(String name, @Nullable Instant from, @Nullable Instant to) {
        if (from == null || to == null) return;
        Duration took = Duration.between(from, to);
        Timer.builder(PREFIX + "stage")
                .description("From the commit to the cache's acknowledgement, stage by stage")
                .tag("stage", name)
                .publishPercentileHistogram()
                .register(registry)
                .record(took.isNegative() ? Duration.ZERO : took);
    }

    @Override
    public void ignored(ChangeRecord record, String reason) {
        counter("records", "result", "ignored").increment();
    }

    @Override
    public void retried(int entries, Throwable error) {
        counter("retries").increment();
    }

    @Override
    public void deadLettered(DeadLetter letter) {
        counter("dead.letters").increment();
    }

    @Override
    public void gap(String reason) {
        counter("gaps").increment();
    }

    @Override
    public void flushed(String reason) {
        counter("flushes").increment();
    }

    @Override
    public void sourceFailed(Throwable error) {
        counter("source.errors").increment();
    }
}
