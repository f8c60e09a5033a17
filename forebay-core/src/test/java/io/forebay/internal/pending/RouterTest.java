package io.forebay.internal.pending;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.MissingRow;
import io.forebay.internal.TestTables;
import io.forebay.spi.Bytes;
import io.forebay.spi.RowKey;
import io.forebay.spi.TableDefinition;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rows that are pending in a journal must be found in the same partition by every later version. */
class RouterTest {
    private static final TableDefinition PAGES = TestTables.pages();
    private static final Router EIGHT = new Router(8);

    private static TableDefinition grouped(String table, String column) {
        return new TableDefinition(TestTables.info(table), MissingRow.INSERT, "orders", column, false);
    }

    private static int partition(Object... key) {
        return EIGHT.partition(PAGES, RowKey.of("pages", List.of(key)), null);
    }

    /** If this test fails, rows pending in existing journals overtake those written after a restart. */
    @Test
    void every_type_of_key_stays_in_its_partition() {
        List<Integer> partitions = List.of(
                partition(0L),
                partition(1L),
                partition(Long.MIN_VALUE),
                partition("/home"),
                partition("é😀"),
                partition(new BigDecimal("1.50")),
                partition(new BigDecimal("-12345678901234567890.5")),
                partition(true),
                partition(new UUID(1, 2)),
                partition(Bytes.copyOf(new byte[] {1, -2, 3})),
                partition(LocalDate.of(2026, 1, 2)),
                partition(LocalTime.of(3, 4)),
                partition(LocalDateTime.of(2026, 1, 2, 3, 4, 5, 600)),
                partition(Instant.parse("2026-01-02T03:04:05.600Z")),
                partition("a", 1L));

        assertThat(partitions).isEqualTo(STABLE);
    }

    private static final List<Integer> STABLE = List.of(3, 1, 7, 0, 5, 0, 6, 1, 0, 5, 0, 4, 5, 0, 3);

    @Test
    void groups_and_appends_stay_in_their_partition() {
        assertThat(List.of(
                        EIGHT.partition(grouped("items", "order"), RowKey.of("items", List.of(1L)), 5L),
                        EIGHT.partition(grouped("items", null), RowKey.of("items", List.of(1L)), null),
                        EIGHT.appendPartition(PAGES, null)))
                .isEqualTo(STABLE_GROUPS);
    }

    private static final List<Integer> STABLE_GROUPS = List.of(6, 3, 2);

    @Test
    void numbered_keys_are_spread_evenly() {
        assertThat(shares(IntStream.range(0, 80_000).map(i -> partition((long) i))))
                .allMatch(share -> share > 9_000 && share < 11_000);
    }

    @Test
    void named_keys_are_spread_evenly() {
        assertThat(shares(IntStream.range(0, 80_000).map(i -> partition("/page/" + i))))
                .allMatch(share -> share > 9_000 && share < 11_000);
    }

    @Test
    void keys_with_a_stride_are_spread_evenly() {
        assertThat(shares(IntStream.range(0, 80_000).map(i -> partition(i * 1_024L))))
                .allMatch(share -> share > 9_000 && share < 11_000);
    }

    private static List<Long> shares(IntStream partitions) {
        long[] shares = new long[8];
        partitions.forEach(partition -> shares[partition]++);
        return Arrays.stream(shares).boxed().toList();
    }

    /** PROTOCOL M4. */
    @Test
    void tables_of_one_group_meet_by_their_routing_value() {
        for (long order = 0; order < 1_000; order++) {
            int orders = EIGHT.partition(grouped("orders", "id"), RowKey.of("orders", List.of(order)), order);
            int items = EIGHT.partition(grouped("items", "order"), RowKey.of("items", List.of(order * 7)), order);
            int appends = EIGHT.appendPartition(grouped("log", "order"), order);

            assertThat(items).isEqualTo(orders);
            assertThat(appends).isEqualTo(orders);
        }
    }

    @Test
    void a_group_without_a_column_is_one_partition() {
        for (long id = 0; id < 100; id++)
            assertThat(EIGHT.partition(grouped("items", null), RowKey.of("items", List.of(id)), null))
                    .isEqualTo(EIGHT.appendPartition(grouped("orders", null), null));
    }

    @Test
    void appends_keep_their_order_unless_spreading_is_asked_for() {
        TableDefinition spread = new TableDefinition(PAGES.info(), MissingRow.INSERT, null, null, true);

        assertThat(IntStream.range(0, 100)
                        .map(i -> EIGHT.appendPartition(PAGES, null))
                        .distinct()
                        .count())
                .isOne();
        assertThat(IntStream.range(0, 1_000)
                        .map(i -> EIGHT.appendPartition(spread, null))
                        .distinct()
                        .count())
                .isGreaterThan(1);
    }
}
