package io.forebay.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.cdc.CdcListener;
import io.forebay.cdc.CdcPipeline;
import io.forebay.cdc.ChangeHandler;
import io.forebay.cdc.ChangeSource;
import io.forebay.cdc.Delivery;
import io.forebay.cdc.FileDeadLetters;
import io.forebay.cdc.event.ChangeRecord;
import io.forebay.cdc.event.Payload;
import io.forebay.cdc.rule.Rules;
import io.forebay.spi.InvalidationTarget;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a running pipeline, and the page that describes them. */
class CdcMetricsTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final CdcMetrics metrics = new CdcMetrics(registry);
    private final Source source = new Source();
    private CdcPipeline pipeline;

    @TempDir
    Path folder;

    @BeforeEach
    void start() {
        pipeline = CdcPipeline.builder()
                .source(source)
                .rules(Rules.builder()
                        .on("public.users", rule -> rule.key("user:{id}"))
                        .build())
                .cache(new Cache())
                .deadLetters(FileDeadLetters.at(folder.resolve("letters")))
                .listener(metrics)
                .start();
        metrics.watch(pipeline);
    }

    @AfterEach
    void close() {
        pipeline.close();
    }

    private static final class Source implements ChangeSource {
        private ChangeHandler handler;

        @Override
        public void start(ChangeHandler to, CdcListener listener) {
            handler = to;
        }

        @Override
        public boolean isHealthy() {
            return true;
        }

        @Override
        public void close(Duration timeout) {}
    }

    private static final class Cache implements InvalidationTarget {
        @Override
        public CompletionStage<Void> invalidate(Set<String> keys, Set<String> tags, Set<String> prefixes) {
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<Void> refresh(String key, byte[] value, long fence) {
            return CompletableFuture.completedStage(null);
        }

        @Override
        public CompletionStage<Void> flush(String reason) {
            return CompletableFuture.completedStage(null);
        }

        @Override
        public void close() {}
    }

    private void deliver(String value) {
        ChangeRecord record = new ChangeRecord(
                "shop.public.users",
                0,
                0,
                Payload.of("{\"id\":1}"),
                Payload.of(value),
                Map.of(),
                Instant.now(),
                OptionalLong.empty());
        source.handler.handle(List.of(new Delivery("users", record, () -> {})));
    }

    @Test
    void a_change_is_counted_and_timed_from_its_commit_on() {
        long committed = System.currentTimeMillis() - 2_000;
        deliver("""
                {"op":"u","before":null,"after":{"id":1},"ts_ms":%d,
                 "source":{"connector":"postgresql","db":"shop","schema":"public","table":"users","ts_ms":%d}}""".formatted(committed + 500, committed));
        deliver("not JSON");

        await().until(() -> registry.get("forebay.cdc.records")
                        .tag("result", "handled")
                        .counter()
                        .count()
                == 1);
        await().until(() -> registry.get("forebay.cdc.dead.letters").counter().count() == 1);
        assertThat(registry.get("forebay.cdc.stage")
                        .tag("stage", "total")
                        .timer()
                        .totalTime(TimeUnit.SECONDS))
                .isGreaterThanOrEqualTo(2);
        assertThat(registry.get("forebay.cdc.stage")
                        .tag("stage", "capture")
                        .timer()
                        .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(500);
        assertThat(registry.get("forebay.cdc.source.healthy").gauge().value()).isEqualTo(1);
    }

    @Test
    void a_gap_is_counted_and_so_is_the_flush_behind_it() {
        source.handler.gap("for a test");

        await().until(() -> registry.get("forebay.cdc.flushes").counter().count() == 1);
        assertThat(registry.get("forebay.cdc.gaps").counter().count()).isEqualTo(1);
    }

    @Test
    void the_page_names_every_metric_and_no_other() throws IOException {
        a_change_is_counted_and_timed_from_its_commit_on();
        TreeSet<String> registered = registry.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .collect(Collectors.toCollection(TreeSet::new));

        TreeSet<String> described = Pattern.compile("^\\| `(forebay\\.cdc\\.[a-z.]+)`", Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("..", "docs", "metrics.md")))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(described).isEqualTo(registered);
    }
}
