package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.FlushPolicy;
import io.forebay.Forebay;
import io.forebay.MissingRow;
import io.forebay.Row;
import io.forebay.Table;
import io.forebay.spi.RowKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Three processes on one shared journal, a database and a journal that fail in every way, and a model that carries out one
 * write at a time: every read in between is what the model says, and so is the database in the end.
 * {@code -Dforebay.histories} says how many.
 */
@Timeout(120)
class SharedRandomHistoryTest {
    private static final int STEPS = 400;
    private static final int ROWS = 12;
    private static final FlushPolicy FLUSH = FlushPolicy.DEFAULT
            .withMaxRows(5)
            .withInterval(Duration.ofMillis(3), Duration.ofMillis(3))
            .withRetry(Duration.ofMillis(1), Duration.ofMillis(5));

    private final MemorySink sink = Tables.sink();
    private final MemoryDriver driver = new MemoryDriver();
    private final List<Forebay> processes = new ArrayList<>();
    private final Map<Long, Long> model = new HashMap<>();

    static long[] seeds() {
        return new Random().longs(Integer.getInteger("forebay.histories", 6)).toArray();
    }

    @AfterEach
    void close() {
        processes.forEach(process -> process.close(Duration.ZERO));
    }

    private Forebay open() {
        return Forebay.builder()
                .database("memory", sink)
                .driver(driver)
                .partitions(4)
                .flush(FLUSH)
                .build();
    }

    private static Table pages(Forebay forebay) {
        return forebay.table("pages", t -> t.onMissingRow(MissingRow.INSERT));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void every_read_is_what_writing_one_at_a_time_gives(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 3; i++) processes.add(open());
        pages(processes.get(0)); // from now on the journal knows the table, for when the database is away

        for (int step = 0; step < STEPS; step++) {
            disturb(random);
            write(random);
            read(random, "seed " + seed + ", step " + step);
        }
        sink.away(false);
        driver.away(false);
        for (Forebay process : processes) process.flushAndWait();

        for (long id = 0; id < ROWS; id++)
            assertThat(inDatabase(id)).as("row %d, seed %d", id, seed).isEqualTo(model.get(id));
        assertThat(sink.deadLetters()).isEmpty();
    }

    private void disturb(Random random) {
        switch (random.nextInt(25)) {
            case 0 -> driver.loseReplies(1 + random.nextInt(4));
            case 1 -> sink.loseNextReply();
            case 2 -> driver.rebalance();
            case 3 -> sink.ownAll();
            case 4 -> {
                sink.away(true);
                write(random);
                write(random);
                sink.away(false);
            }
            case 5 -> {
                int place = random.nextInt(processes.size());
                processes.get(place).close(Duration.ZERO);
                processes.set(place, open());
            }
            default -> {}
        }
    }

    private void write(Random random) {
        long id = random.nextInt(ROWS);
        Row row = row(random, id);
        switch (random.nextInt(6)) {
            case 0 -> {
                row.set("hits", id).await();
                model.put(id, id);
            }
            case 1 -> {
                row.delete().await();
                model.remove(id);
            }
            case 2 -> {
                row.max("hits", 50).await();
                model.merge(id, 50L, Math::max);
            }
            default -> {
                long by = random.nextInt(9) - 3;
                row.increment("hits", by).await();
                model.merge(id, by, Long::sum);
            }
        }
    }

    private Row row(Random random, long id) {
        return pages(processes.get(random.nextInt(processes.size()))).row(id);
    }

    private void read(Random random, String where) {
        long id = random.nextInt(ROWS);
        Long hits = row(random, id).get("hits", Long.class).orElse(null);
        assertThat(hits).as("row %d, %s", id, where).isEqualTo(model.get(id));
    }

    private Long inDatabase(long id) {
        return sink.table("pages")
                .row(RowKey.of("pages", List.of(id)))
                .map(columns -> (Long) columns.get("hits"))
                .orElse(null);
    }
}
