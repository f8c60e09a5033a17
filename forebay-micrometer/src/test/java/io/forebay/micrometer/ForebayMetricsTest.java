package io.forebay.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.HaltedException;
import io.forebay.MissingRow;
import io.forebay.Table;
import io.forebay.batch.BatchBuffer;
import io.forebay.batch.EventBatch;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnType;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.FencedException;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import io.forebay.testkit.MemorySink;
import io.forebay.testkit.SimulatedDisk;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The metrics against a running Forebay, and against the page that describes them. */
class ForebayMetricsTest {
    private static final ColumnType WHOLE = new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);
    private static final TableInfo PAGES = new TableInfo(
            "pages",
            List.of("id"),
            Map.of(
                    "id", new Column("id", WHOLE, false, Column.Absent.NULL),
                    "hits", new Column("hits", WHOLE, true, Column.Absent.NULL)),
            List.of());
    private static final FlushPolicy LATER = FlushPolicy.DEFAULT.withInterval(Duration.ofHours(1), Duration.ZERO);

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final ForebayMetrics metrics = new ForebayMetrics(registry);
    private final MemorySink database = new MemorySink().create(PAGES);
    private Forebay forebay;

    @AfterEach
    void close() {
        forebay.close(Duration.ZERO);
    }

    private Table open(Sink sink, FlushPolicy policy) {
        forebay = Forebay.builder()
                .database("shop", sink)
                .journal(name -> new SimulatedDisk(1))
                .flush(policy)
                .listener(metrics)
                .build();
        metrics.watch(forebay);
        return forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
    }

    private double gauge(String name) {
        return registry.get(name).tag("database", "shop").gauge().value();
    }

    private double total(String name) {
        return registry.get(name).tag("database", "shop").functionCounter().count();
    }

    @Test
    void what_is_pending_shows_until_it_is_flushed() {
        Table pages = open(database, LATER);
        for (int i = 0; i < 10; i++) pages.row(i % 2).increment("hits").await();

        assertThat(gauge("forebay.pending.rows")).isEqualTo(2);
        assertThat(gauge("forebay.pending.bytes")).isPositive();
        assertThat(gauge("forebay.pending.age")).isPositive();
        assertThat(gauge("forebay.journal.bytes")).isPositive();
        assertThat(gauge("forebay.healthy")).isEqualTo(1);
        assertThat(total("forebay.mutations")).isEqualTo(10);
        assertThat(pages.row(0).getLong("hits")).isEqualTo(5);
        assertThat(total("forebay.overlay.hits")).isEqualTo(1);

        forebay.flushAndWait();

        assertThat(pages.row(0).getLong("hits")).isEqualTo(5);
        assertThat(total("forebay.overlay.misses")).isEqualTo(1);
        assertThat(gauge("forebay.pending.rows")).isZero();
        assertThat(gauge("forebay.pending.age")).isZero();
        assertThat(total("forebay.rows.flushed")).isEqualTo(2);
        assertThat(registry.get("forebay.journal.force").timer().count()).isPositive();
        assertThat(registry.get("forebay.journal.frame").summary().totalAmount())
                .isPositive();
        await().untilAsserted(() -> {
            assertThat(registry.get("forebay.flush").timer().count()).isPositive();
            assertThat(registry.get("forebay.flush.size").summary().totalAmount())
                    .isEqualTo(2);
        });
    }

    @Test
    void the_age_goes_on_growing_when_every_worker_has_died() {
        Table pages = open(deadly(), FlushPolicy.DEFAULT.withInterval(Duration.ofMillis(1), Duration.ZERO));
        pages.row(1).increment("hits").await();
        await().dontCatchUncaughtExceptions()
                .until(() -> registry.find("forebay.flush.revivals").counter() != null);

        double before = gauge("forebay.pending.age");
        await().dontCatchUncaughtExceptions().until(() -> gauge("forebay.pending.age") > before);
        await().dontCatchUncaughtExceptions().until(() -> gauge("forebay.healthy") == 0);
    }

    @Test
    void an_outage_counts_its_retries_by_reason() {
        Table pages = open(database, FlushPolicy.DEFAULT.withInterval(Duration.ofMillis(1), Duration.ZERO));
        database.away(true);
        pages.row(1).increment("hits").await();

        await().until(() -> registry.find("forebay.flush.retries")
                        .tag("reason", "TransientSinkException")
                        .counter()
                != null);
        database.away(false);
    }

    @Test
    void the_epoch_shows_who_owns_a_partition_until_a_newer_owner_takes_it() {
        open(database, LATER);
        Gauge first =
                registry.get("forebay.partition.epoch").tag("partition", "0").gauge();

        assertThat(first.value()).isEqualTo(1);
        metrics.halted("shop", 0, new FencedException("taken", null));
        assertThat(first.value()).isZero();
        assertThat(registry.get("forebay.partition.epoch").gauges()).hasSize(8);
    }

    @Test
    void a_buffer_of_events_is_watched_like_a_database() {
        open(database, LATER);
        BatchBuffer<String, Integer> mails = BatchBuffer.<String, Integer>builder("mails", batch -> 1)
                .listener(metrics)
                .build();
        metrics.watch(mails);
        mails.addAll(List.of("one", "two"));

        assertThat(registry.get("forebay.pending.rows")
                        .tag("database", "mails")
                        .gauge()
                        .value())
                .isEqualTo(2);
        mails.flushAndWait();
        assertThat(registry.get("forebay.batch.insert")
                        .tag("outcome", "done")
                        .timer()
                        .count())
                .isEqualTo(1);
        assertThat(registry.get("forebay.batch.handler")
                        .tag("database", "mails")
                        .timer()
                        .count())
                .isEqualTo(1);
        mails.close();
    }

    @Test
    void the_page_names_every_metric_and_no_other() throws IOException {
        open(database, LATER);
        everyEvent();
        TreeSet<String> registered = registry.getMeters().stream()
                .map(meter -> meter.getId().getName())
                .collect(Collectors.toCollection(TreeSet::new));

        String page = Files.readString(Path.of("..", "docs", "metrics.md"));
        TreeSet<String> described = Pattern.compile("^\\| `(forebay\\.[a-z.]+)`", Pattern.MULTILINE)
                .matcher(page)
                .results()
                .map(match -> match.group(1))
                .filter(name -> !name.startsWith("forebay.logcache.")) // see LogCacheMetricsTest
                .filter(name -> !name.startsWith("forebay.cdc.")) // see CdcMetricsTest
                .filter(name -> !name.startsWith("forebay.cache.")) // see CacheMetricsTest
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(described).isEqualTo(registered);
    }

    private void everyEvent() {
        Batch batch = new Batch(UUID.randomUUID(), 0, 1, 0, 1, UUID.randomUUID(), List.of(), List.of(), Map.of());
        DeadLetter letter = new DeadLetter(
                0, "pages", RowKey.of("pages", List.of(1L)), new Stage(Stage.Kind.DELETE, Map.of()), "23505", "taken");
        HaltedException reason = new HaltedException("for a test", null);
        metrics.appended("shop", 1, 100);
        metrics.forced("shop", 1, Duration.ofMillis(1));
        metrics.flushed("shop", batch, new BatchResult(false, List.of(), 0, 1), Duration.ofMillis(1));
        metrics.deadLettered("shop", batch, letter);
        metrics.retrying("shop", 0, reason, Duration.ZERO);
        metrics.halted("shop", 0, reason);
        metrics.rewound("shop", 0, 1);
        metrics.blocked("shop", Duration.ofMillis(3), true);
        metrics.revived("shop", "hung");
        EventBatch<String> events = new EventBatch<>(UUID.randomUUID(), 0, List.of("one"), null);
        metrics.insertStopped("shop", 1, Duration.ofMillis(1), null);
        metrics.flushStopped("shop", events, Duration.ofMillis(1), reason);

        assertThat(registry.get("forebay.writes.blocked")
                        .tag("outcome", "refused")
                        .timer()
                        .totalTime(TimeUnit.MILLISECONDS))
                .isEqualTo(3);
    }

    /** A database whose driver kills every thread that applies a batch. */
    private Sink deadly() {
        return (Sink) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Sink.class}, (proxy, method, args) -> {
                    if (method.getName().equals("apply")) throw new StackOverflowError("a driver's fault");
                    try {
                        return method.invoke(database, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
