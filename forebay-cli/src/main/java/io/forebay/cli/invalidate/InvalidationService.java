package io.forebay.cli.invalidate;

import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.PipelineStatus;
import io.forebay.micrometer.CdcMetrics;
import io.forebay.redis.cache.RedisInvalidations;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;

/** One running service: source, rules, Redis, and what it tells over HTTP. Thread-safe. */
final class InvalidationService implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final RedisInvalidations cache;
    private final CdcPipeline pipeline;
    private final Endpoints endpoints;

    private InvalidationService(ServiceConfig config, RedisInvalidations cache) {
        CdcMetrics metrics = new CdcMetrics(registry);
        this.cache = cache;
        this.endpoints = Endpoints.open(config.http(), this::metrics, this::health);
        this.pipeline = CdcPipeline.builder()
                .source(config.source().get())
                .rules(config.rules())
                .cache(cache)
                .deadLetters(config.deadLetters().get())
                .listener(metrics)
                .start();
        metrics.watch(pipeline);
    }

    /** Starts it; returns when it listens. */
    static InvalidationService start(ServiceConfig config) {
        RedisInvalidations cache = RedisInvalidations.open(config.cache());
        try {
            return new InvalidationService(config, cache);
        } catch (RuntimeException e) {
            cache.close();
            throw e;
        }
    }

    /** Where it tells of itself. */
    int port() {
        return endpoints.port();
    }

    PipelineStatus status() {
        return pipeline.status();
    }

    private Endpoints.Answer metrics() {
        return new Endpoints.Answer(200, "text/plain; version=0.0.4", registry.scrape());
    }

    private Endpoints.Answer health() {
        PipelineStatus status = pipeline.status();
        boolean up = status.cacheAnswers() && status.sourceHealthy();
        String body = """
                {"status":"%s","source":%b,"cache":%b,"underWay":%d,"blocked":%d,"handled":%d,"deadLetters":%d,"gaps":%d}
                """.formatted(
                        up ? "UP" : "DOWN",
                        status.sourceHealthy(),
                        status.cacheAnswers(),
                        status.underWay(),
                        status.blocked(),
                        status.handled(),
                        status.deadLettered(),
                        status.gaps());
        return new Endpoints.Answer(up ? 200 : 503, "application/json", body);
    }

    /** Stops taking changes, remembers how far it was, and ends. */
    @Override
    public void close() {
        endpoints.close();
        pipeline.close();
        cache.close();
        registry.close();
    }
}
