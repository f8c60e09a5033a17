package io.forebay.jdbc.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.DuplicateRowException;
import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.JournalPolicy;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.RowView;
import io.forebay.StaleReadException;
import io.forebay.Table;
import io.forebay.jdbc.JdbcDeadLetters;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.TransientSinkException;
import io.forebay.testkit.SimulatedDisk;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/**
 * Random histories of every mutation through Forebay, with connections that break, restarts and kills, beside a plain table
 * of the same database that gets one mutation at a time.
 */
abstract class RandomDatabaseHistory {
    private static final int SEEDS = Integer.getInteger("forebay.histories", 10);
    private static final int STEPS = 120;
    private static final int KEYS = 5;
    private static final LocalDateTime START = LocalDateTime.parse("2026-01-01T00:00:00");

    /** A database that is there throughout. */
    abstract DataSource dataSource();

    /** The type of a column with date and time without a zone, to the microsecond. */
    String timestampType() {
        return "timestamp(6)";
    }

    /** How plain SQL writes and reads. */
    PlainTable.Values plainValues() {
        return PlainTable.Values.OF_THE_DRIVER;
    }

    @Test
    void histories_without_refusals_end_as_one_mutation_at_a_time_would() throws SQLException {
        for (int seed = 0; seed < SEEDS; seed++) {
            try (Connection connection = dataSource().getConnection()) {
                new History(seed, connection).run();
            }
        }
    }

    @Test
    void with_refusals_the_table_and_the_dead_letters_account_for_every_write() throws SQLException {
        for (int seed = 0; seed < SEEDS; seed++) {
            try (Connection connection = dataSource().getConnection()) {
                new History(seed, connection).runWithRefusals();
            }
        }
    }

    private final class History {
        private final Random random;
        private final String name;
        private final FailingDataSource failing;
        private final Connection connection;
        private final PlainTable plain;
        private final PlainTable buffered;
        private SimulatedDisk disk;
        private Forebay forebay;
        private Table table;
        private MissingRow missingRow;

        private History(int seed, Connection connection) throws SQLException {
            this.random = new Random(seed);
            this.name = "seed " + seed;
            this.disk = new SimulatedDisk(seed);
            this.failing = new FailingDataSource(dataSource(), seed);
            this.connection = connection;
            this.plain = new PlainTable(connection, "plain", plainValues());
            this.buffered = new PlainTable(connection, "buffered", plainValues());
            for (String table : List.of("plain", "buffered"))
                PlainTable.run(
                        connection,
                        "DROP TABLE IF EXISTS " + table,
                        "CREATE TABLE " + table + " (id bigint PRIMARY KEY, hits bigint DEFAULT 0, score numeric(12,2),"
                                + " seen " + timestampType() + ", note varchar(100), level integer DEFAULT 10)");
        }

        private void open() {
            FlushPolicy policy = FlushPolicy.DEFAULT
                    .withMaxRows(1 + random.nextInt(6))
                    .withInterval(Duration.ofMillis(1 + random.nextInt(10)), Duration.ZERO)
                    .withRetry(Duration.ofMillis(1), Duration.ofMillis(3));
            forebay = Forebay.builder()
                    .database(failing)
                    .journal(database -> disk)
                    .partitions(2)
                    .flush(policy)
                    .journalPolicy(new JournalPolicy(64 << 10, Duration.ofHours(1), 1 << 20, 8 << 20))
                    .createTables()
                    .build();
            table = forebay.table("buffered", t -> t.onMissingRow(missingRow));
        }

        private void run() throws SQLException {
            missingRow = MissingRow.INSERT;
            open();
            PlainTable.run(connection, "DELETE FROM forebay_dead_letter");
            for (int step = 0; step < STEPS; step++) step();
            failing.failPerMille(0);
            forebay.flushAndWait();
            assertThat(buffered.rows()).as(name).isEqualTo(plain.rows());
            assertThat(new JdbcDeadLetters(dataSource()).list(1)).as(name).isEmpty();
            forebay.close();
        }

        private void step() throws SQLException {
            int dice = random.nextInt(100);
            if (dice < 75) write();
            else if (dice < 88) read();
            else if (dice < 92) failing.failPerMille(random.nextInt(3) * 60);
            else if (dice < 94) flush();
            else if (dice < 97) reopen(() -> forebay.close(Duration.ofMillis(random.nextInt(20))));
            else reopen(this::kill);
        }

        private void flush() {
            failing.failPerMille(0);
            forebay.flushAndWait();
        }

        private void reopen(Runnable end) {
            end.run();
            failing.failPerMille(0);
            open();
        }

        /** What was acknowledged as synced survives; the process that is left behind can do no harm. */
        private void kill() {
            table.row(0L).increment("hits", 0).await();
            plainlyExisting(0);
            disk = disk.crash();
            forebay.close(Duration.ZERO);
        }

        private void plainlyExisting(long id) {
            try {
                if (!plain.exists(id)) plain.insert(id, Map.of("hits", 0L));
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }

        private void write() throws SQLException {
            long id = random.nextInt(KEYS);
            Row row = table.row(id);
            boolean exists = plain.exists(id);
            long amount = random.nextInt(1000) - 500;
            BigDecimal money = BigDecimal.valueOf(amount, 2);
            LocalDateTime time = START.plusSeconds(amount).plusNanos(1000L * random.nextInt(1_000_000));
            switch (random.nextInt(9)) {
                case 0, 1 -> {
                    row.increment("hits", amount);
                    if (exists) plain.increment(id, "hits", amount);
                    else plain.insert(id, Map.of("hits", amount));
                }
                case 2 -> {
                    row.increment("score", money);
                    if (exists) plain.increment(id, "score", money);
                    else plain.insert(id, Map.of("score", money));
                }
                case 3 -> {
                    row.increment("level", amount);
                    if (exists) plain.increment(id, "level", amount);
                    else plain.insert(id, Map.of("level", amount));
                }
                case 4 -> {
                    row.max("seen", time);
                    if (exists) plain.max(id, "seen", time);
                    else plain.insert(id, Map.of("seen", time));
                }
                case 5 -> {
                    row.min("level", amount);
                    if (exists) plain.min(id, "level", amount);
                    else plain.insert(id, Map.of("level", amount));
                }
                case 6 -> {
                    Map<String, Object> values = new LinkedHashMap<>();
                    values.put("note", random.nextInt(5) == 0 ? null : "note " + amount);
                    values.put("score", money);
                    row.update(values);
                    if (exists) plain.set(id, values);
                    else plain.insert(id, values);
                }
                case 7 -> {
                    if (exists) {
                        row.delete();
                        plain.delete(id);
                    } else {
                        table.insert(Map.of("id", id, "note", "new"));
                        plain.insert(id, Map.of("note", "new"));
                    }
                }
                default -> {
                    row.upsert(Map.of("note", "upsert " + amount));
                    if (exists) plain.set(id, Map.of("note", "upsert " + amount));
                    else plain.insert(id, Map.of("note", "upsert " + amount));
                }
            }
        }

        private void read() throws SQLException {
            long id = random.nextInt(KEYS);
            Optional<RowView> view;
            try {
                view = table.row(id).read();
            } catch (TransientSinkException | StaleReadException e) {
                return;
            }
            Map<String, Object> expected = plain.rows().get(id);
            assertThat(view.isPresent()).as(name).isEqualTo(expected != null);
            view.ifPresent(row -> assertShown(row, expected));
        }

        /** A pending insert shows the columns it was given; every value that is shown must be the right one. */
        private void assertShown(RowView row, Map<String, Object> expected) {
            Map<String, Object> actual = new TreeMap<>();
            row.asMap().forEach((column, value) -> actual.put(column.toLowerCase(java.util.Locale.ROOT), value));
            for (String column : List.of("hits", "score", "note", "level", "seen")) {
                Object value = actual.get(column);
                if (value == null && expected.get(column) != null) {
                    assertThat(column)
                            .as(name + " hides a value that is no default")
                            .isEqualTo("level");
                    continue;
                }
                assertThat(canonical(value)).as(name + " " + column).isEqualTo(canonical(expected.get(column)));
            }
        }

        private Object canonical(Object value) {
            if (value instanceof java.sql.Timestamp timestamp) return timestamp.toLocalDateTime();
            return value instanceof Integer number ? (Object) number.longValue() : value;
        }

        private void runWithRefusals() throws SQLException {
            missingRow = MissingRow.DEAD_LETTER;
            open();
            PlainTable.run(connection, "DELETE FROM forebay_dead_letter");
            long written = 0;
            for (int step = 0; step < STEPS; step++) {
                long id = random.nextInt(KEYS);
                int dice = random.nextInt(20);
                if (dice < 4) insert(id);
                else if (dice < 17) {
                    table.row(id).increment("hits", step);
                    written += step;
                } else if (dice == 17) failing.failPerMille(random.nextInt(2) * 50);
                else if (dice == 18) reopen(() -> forebay.close(Duration.ofMillis(random.nextInt(20))));
                else flush();
            }
            failing.failPerMille(0);
            forebay.flushAndWait();
            forebay.close();

            assertThat(hitsInTable() + hitsInDeadLetters()).as(name).isEqualTo(written);
        }

        private void insert(long id) {
            try {
                table.insert(Map.of("id", id, "hits", 0L));
            } catch (DuplicateRowException e) {
                assertThat(e).as(name).hasMessageContaining("pending as an insert");
            }
        }

        private long hitsInTable() throws SQLException {
            return buffered.rows().values().stream()
                    .mapToLong(row -> ((Number) row.get("hits")).longValue())
                    .sum();
        }

        private long hitsInDeadLetters() {
            return new JdbcDeadLetters(dataSource())
                    .list(10_000).stream()
                            .mapToLong(entry -> hits(entry.letter()))
                            .sum();
        }

        private long hits(DeadLetter letter) {
            for (Map.Entry<String, ColumnChange> column :
                    letter.stage().columns().entrySet()) {
                if (!column.getKey().equalsIgnoreCase("hits")) continue;
                if (column.getValue() instanceof ColumnChange.Add add)
                    return add.delta().longValue();
                if (column.getValue() instanceof ColumnChange.Set set) return (long) set.value();
            }
            return 0;
        }
    }
}
