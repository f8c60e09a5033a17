package io.forebay.kafka;

import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.MissingRow;
import io.forebay.Table;
import io.forebay.spi.Column;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnType;
import io.forebay.spi.Driver;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.Stage;
import io.forebay.spi.TableInfo;
import io.forebay.testkit.MemorySink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A database with one table of counters, and processes that write to it. */
final class Pages implements AutoCloseable {
    private static final ColumnType WHOLE = new ColumnType.Whole(Long.MIN_VALUE, Long.MAX_VALUE);
    private static final FlushPolicy QUICK = FlushPolicy.DEFAULT
            .withInterval(Duration.ofMillis(5), Duration.ZERO)
            .withRetry(Duration.ofMillis(1), Duration.ofMillis(50));

    final MemorySink sink = new MemorySink().create(info());
    private final List<Forebay> opened = new ArrayList<>();

    private static TableInfo info() {
        Map<String, Column> columns = new LinkedHashMap<>();
        columns.put("id", new Column("id", WHOLE, false, Column.Absent.NULL));
        columns.put("hits", new Column("hits", WHOLE, true, Column.Absent.ZERO));
        return new TableInfo("pages", List.of("id"), columns, List.of());
    }

    /** One more process that flushes all the time. */
    Forebay open(Driver driver) {
        return open(driver, QUICK);
    }

    Forebay open(Driver driver, FlushPolicy flush) {
        Forebay forebay = Forebay.builder()
                .database("pages", sink)
                .driver(driver)
                .partitions(4)
                .flush(flush)
                .build();
        opened.add(forebay);
        return forebay;
    }

    static Table of(Forebay forebay) {
        return forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
    }

    static RowKey key(long id) {
        return RowKey.of("pages", List.of(id));
    }

    /** A window with one increment. */
    static SharedWindow window(long id, long by) {
        Stage stage = new Stage(Stage.Kind.UPSERT, Map.of("hits", new ColumnChange.Add(by)));
        return new SharedWindow(List.of(new PendingRow(key(id), List.of(stage))), List.of());
    }

    /** What all counters of the database sum up to. */
    long sum() {
        return sink.table("pages").rows().values().stream()
                .mapToLong(row -> (Long) row.get("hits"))
                .sum();
    }

    @Override
    public void close() {
        opened.forEach(forebay -> forebay.close(Duration.ZERO));
    }
}
