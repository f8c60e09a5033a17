package io.forebay.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.forebay.kafka.cache.LogCache;
import io.forebay.kafka.cache.LogPosition;
import io.forebay.testservers.KafkaServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The metrics against a cache of a real Kafka, and against the page that describes them. */
class LogCacheMetricsTest {
    private static KafkaServer server;
    private static LogCache<String, JsonNode> cache;
    private static final MeterRegistry registry = new SimpleMeterRegistry();
    private static final CountDownLatch hang = new CountDownLatch(1);

    @BeforeAll
    static void a_watched_cache() throws Exception {
        server = KafkaServer.create();
        try (Admin admin = server.admin()) {
            admin.createTopics(List.of(new NewTopic("users", 1, (short) 1)))
                    .all()
                    .get(30, TimeUnit.SECONDS);
        }
        cache = LogCache.builder()
                .bootstrapServers(server.bootstrapServers())
                .topic("users")
                .readOnly(false)
                .checkInterval(Duration.ofMillis(100))
                .build();
        new LogCacheMetrics(registry).watch(cache);
        cache.awaitReady(Duration.ofSeconds(30));
    }

    @AfterAll
    static void end() {
        hang.countDown();
        cache.close();
        server.close();
    }

    @Test
    void they_follow_the_cache_and_the_lag_grows_when_its_thread_hangs() throws Exception {
        assertThat(gauge("ready")).isEqualTo(1);
        for (int i = 0; i < 3; i++) {
            LogPosition position = cache.put("key-" + i, TextNode.valueOf("x")).get(10, TimeUnit.SECONDS);
            cache.awaitPosition(position, Duration.ofSeconds(10));
        }

        assertThat(gauge("entries")).isEqualTo(3);
        assertThat(registry.get("forebay.logcache.records")
                        .tags("topic", "users", "result", "applied")
                        .functionCounter()
                        .count())
                .isEqualTo(3);
        assertThat(registry.get("forebay.logcache.put").functionTimer().count()).isEqualTo(3);
        assertThat(registry.get("forebay.logcache.wait").functionTimer().totalTime(TimeUnit.MILLISECONDS))
                .isPositive();
        await().until(() -> gauge("consumer.lag.max") == 0);
        assertThat(registry.get("forebay.logcache.last.applied").timeGauge().value(TimeUnit.SECONDS))
                .isBetween(System.currentTimeMillis() / 1000.0 - 60, System.currentTimeMillis() / 1000.0 + 1);

        cache.onChange((key, now) -> hangQuietly());
        for (int i = 0; i < 6; i++) cache.put("key-" + i, TextNode.valueOf("y")).get(10, TimeUnit.SECONDS);

        await().until(() -> gauge("consumer.lag.max") >= 5);
        assertThat(registry.get("forebay.logcache.consumer.lag")
                        .tags("topic", "users", "partition", "0")
                        .gauge()
                        .value())
                .isGreaterThanOrEqualTo(5);
    }

    @Test
    void the_page_names_every_metric_and_no_other() throws IOException {
        await().until(() ->
                gauge("consumer.lag.max") >= 0 && !cache.stats().lag().isEmpty());
        gauge("consumer.lag.max");
        TreeSet<String> registered = registry.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .collect(Collectors.toCollection(TreeSet::new));

        TreeSet<String> described = Pattern.compile("^\\| `(forebay\\.logcache\\.[a-z.]+)`", Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("..", "docs", "metrics.md")))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(described).isEqualTo(registered);
    }

    private static double gauge(String name) {
        return registry.get("forebay.logcache." + name).gauge().value();
    }

    private static void hangQuietly() {
        try {
            hang.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
