package io.forebay.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.redis.RedisSettings;
import io.forebay.redis.cache.CacheCodec;
import io.forebay.redis.cache.CacheSettings;
import io.forebay.redis.cache.ConsistentCache;
import io.forebay.redis.cache.StalenessAuditor;
import io.forebay.testservers.RedisServer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The metrics of a cache on a real Redis, and the page that describes them. */
class CacheMetricsTest {
    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final Map<String, String> database = new ConcurrentHashMap<>(Map.of("user:1", "Ann"));
    private RedisServer redis;
    private ConsistentCache<String> cache;
    private StalenessAuditor<String> auditor;

    @BeforeEach
    void open() {
        redis = RedisServer.create();
        CacheSettings settings = CacheSettings.of(RedisSettings.of(redis.uri()), "users");
        cache = ConsistentCache.builder(settings, CacheCodec.json(String.class)).open();
        auditor = StalenessAuditor.start(cache, database::get, 1);
        new CacheMetrics(registry).watch("users", cache).watch("users", auditor);
    }

    @AfterEach
    void close() {
        auditor.close();
        cache.close();
        redis.close();
    }

    private double counted(String name, String... tags) {
        return registry.get("forebay.cache." + name)
                .tags(tags)
                .tag("cache", "users")
                .functionCounter()
                .count();
    }

    @Test
    void reads_are_counted_by_where_they_were_answered() {
        await().until(cache::isNear);
        assertThat(registry.get("forebay.cache.near").gauge().value()).isOne();

        for (int i = 0; i < 3; i++) cache.get("user:1", database::get);

        assertThat(counted("loads")).isOne();
        assertThat(counted("stored")).isOne();
        assertThat(counted("reads", "from", "near")).isEqualTo(2);
    }

    @Test
    void what_the_auditor_finds_is_counted_by_time_and_level() {
        await().until(cache::isNear);
        cache.get("user:1", database::get);
        database.put("user:1", "Bob"); // and nobody tells the cache

        auditor.changed("user:1");

        await().atMost(Duration.ofSeconds(5)).until(() -> counted("audited", "result", "compared", "after", "1s") == 1);
        assertThat(counted("audited", "result", "stale.near", "after", "1s")).isOne();
        assertThat(counted("audited", "result", "stale.redis", "after", "1s")).isOne();
        assertThat(counted("audited", "result", "compared", "after", "5s")).isZero();
    }

    @Test
    void the_page_names_every_metric_and_no_other() throws IOException {
        TreeSet<String> registered = registry.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .collect(Collectors.toCollection(TreeSet::new));

        TreeSet<String> described = Pattern.compile("^\\| `(forebay\\.cache\\.[a-z.]+)`", Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("..", "docs", "metrics.md")))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(described).isEqualTo(registered);
    }
}
