package io.forebay.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.FlushPolicy;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.ColumnChange.Add;
import io.forebay.spi.Driver;
import io.forebay.spi.FedWindow;
import io.forebay.spi.MismatchException;
import io.forebay.spi.Overlay;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.SharedFeed;
import io.forebay.spi.SharedJournal;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.Stage;
import io.forebay.spi.TransientSinkException;
import io.forebay.testservers.RedisServer;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The protocol's rules for Redis, one by one, without an engine before it. */
class RedisJournalTest {
    private static final RowKey ROW = RowKey.of("pages", List.of(1L));
    private static final FlushPolicy ASKED = FlushPolicy.DEFAULT.withInterval(Duration.ofHours(1), Duration.ZERO);
    private static RedisServer server;
    private final List<SharedJournal> opened = new ArrayList<>();

    @BeforeAll
    static void startServer() {
        server = RedisServer.create();
    }

    @AfterAll
    static void endServer() {
        server.close();
    }

    @BeforeEach
    void emptyServer() {
        server.command("FLUSHALL");
    }

    @AfterEach
    void closeAll() {
        opened.forEach(SharedJournal::close);
    }

    private SharedJournal open() {
        return open(RedisSettings.of(server.uri()), ASKED);
    }

    private SharedJournal open(RedisSettings settings, FlushPolicy flush) {
        SharedJournal journal = RedisDriver.at(settings).open(new Driver.Settings("main", 1, flush));
        opened.add(journal);
        return journal;
    }

    private static SharedWindow window(Stage... stages) {
        return new SharedWindow(List.of(new PendingRow(ROW, List.of(stages))), List.of());
    }

    private static Stage add(Object... namesAndDeltas) {
        Map<String, ColumnChange> columns = new java.util.TreeMap<>();
        for (int i = 0; i < namesAndDeltas.length; i += 2)
            columns.put((String) namesAndDeltas[i], new Add((Number) namesAndDeltas[i + 1]));
        return new Stage(Stage.Kind.UPSERT, columns);
    }

    private static BigInteger pending(SharedJournal journal, String column) {
        return sum(journal.tail(0, ROW, 0).overlay().slices().stream().map(Overlay.Slice::stages), column);
    }

    private static BigInteger sum(Stream<List<Stage>> stages, String column) {
        return stages.flatMap(List::stream)
                .map(stage -> stage.columns().get(column))
                .filter(Add.class::isInstance)
                .map(change -> new BigInteger(((Add) change).delta().toString()))
                .reduce(BigInteger.ZERO, BigInteger::add);
    }

    /** Closes what is there and takes it. */
    private static List<FedWindow> take(SharedJournal journal, SharedFeed feed) {
        journal.flushSoon(0);
        feed.wanted();
        return feed.poll(Set.of(0), Duration.ZERO);
    }

    private static SharedFeed feed(SharedJournal journal) {
        SharedFeed feed = journal.feed();
        await().until(() -> feed.assigned().contains(0));
        feed.begin(0, journal.range(0).released());
        return feed;
    }

    @Test
    void S1_a_delete_takes_no_set_that_is_newer_than_what_the_database_holds() {
        SharedJournal journal = open();
        SharedFeed feed = feed(journal);
        long first = journal.append(0, 1, window(add("hits", 5L))).join();
        take(journal, feed);
        long second = journal.append(0, 2, window(add("hits", 7L))).join();
        take(journal, feed);
        assertThat(second).isGreaterThan(first);

        feed.flushed(0, first);
        feed.flushed(0, first - 1);

        assertThat(pending(journal, "hits")).isEqualTo(7);
        assertThat(journal.range(0).released()).isEqualTo(first);
        feed.close();
    }

    @Test
    void S1_the_active_set_has_the_number_under_which_it_is_flushed() {
        SharedJournal journal = open();
        SharedFeed feed = feed(journal);
        long number = journal.append(0, 1, window(add("hits", 5L))).join();
        Overlay.Slice active = journal.tail(0, ROW, 1).overlay().slices().get(0);

        FedWindow closed = take(journal, feed).get(0);

        assertThat(List.of(active.to(), closed.to())).containsOnly(number);
        assertThat(sum(Stream.of(closed.rows().get(0).stages()), "hits")).isEqualTo(5);
        feed.close();
    }

    @Test
    void a_set_that_cannot_be_read_stops_its_partition_and_nothing_behind_it_is_taken() {
        SharedJournal journal = open();
        SharedFeed feed = feed(journal);
        journal.append(0, 1, window(add("hits", 1L))).join();
        assertThat(take(journal, feed)).hasSize(1);
        journal.append(0, 2, window(add("hits", 1L))).join();
        damageRows();
        journal.flushSoon(0);
        feed.wanted();
        journal.append(0, 3, window(add("hits", 1L))).join();

        assertThat(take(journal, feed)).isEmpty();

        assertThat(feed.unreadable().get(0))
                .isInstanceOf(MismatchException.class)
                .hasMessageContaining("of partition 0 in Redis cannot be read");
        assertThat(feed.unreadable()).isEmpty();
        assertThat(take(journal, feed)).isEmpty();
    }

    /** What a row's counters are called, in the set that is there. */
    private static void damageRows() {
        server.command(
                "EVAL",
                "local keys = redis.call('KEYS', '*:rows') for _, key in ipairs(keys) do local all = redis.call('HKEYS', key)"
                        + " for _, field in ipairs(all) do redis.call('HSET', key, field, 'damaged') end end return #keys",
                "0");
    }

    @Test
    void S2_a_window_that_comes_again_counts_once_and_so_does_one_that_comes_late() {
        SharedJournal journal = open();
        long five = journal.append(0, 1, window(add("hits", 5L))).join();
        assertThat(journal.append(0, 1, window(add("hits", 5L))).join()).isEqualTo(five);
        journal.append(0, 2, window(add("hits", 7L))).join();
        journal.append(0, 1, window(add("hits", 5L))).join();

        assertThat(pending(journal, "hits")).isEqualTo(12);
        assertThat(journal.tail(0, ROW, 2).seen()).isEqualTo(2);
    }

    @Test
    void S2_a_window_that_comes_again_after_its_set_was_flushed_counts_once() {
        SharedJournal journal = open();
        SharedFeed feed = feed(journal);
        long set = journal.append(0, 1, window(add("hits", 5L))).join();
        take(journal, feed);
        feed.flushed(0, set);

        assertThat(journal.append(0, 1, window(add("hits", 5L))).join()).isEqualTo(set);
        assertThat(pending(journal, "hits")).isEqualTo(0);
        feed.close();
    }

    @Test
    void S3_sums_beyond_64_bits_are_exact_and_so_is_everything_behind_them() {
        SharedJournal journal = open();
        long most = 1L << 62;
        for (int i = 1; i <= 5; i++)
            journal.append(0, i, window(add("a", 1L, "hits", most))).join();
        journal.append(0, 6, window(add("a", 1L, "hits", Long.MAX_VALUE))).join();
        journal.append(0, 7, window(add("hits", -1L))).join();

        BigInteger expected = BigInteger.valueOf(most)
                .multiply(BigInteger.valueOf(5))
                .add(BigInteger.valueOf(Long.MAX_VALUE))
                .subtract(BigInteger.ONE);
        assertThat(pending(journal, "hits")).isEqualTo(expected);
        assertThat(pending(journal, "a")).isEqualTo(6);
        SharedFeed feed = feed(journal);
        List<PendingRow> rows = take(journal, feed).get(0).rows();
        assertThat(sum(rows.stream().map(PendingRow::stages), "hits")).isEqualTo(expected);
        feed.close();
    }

    @Test
    void S3_a_Redis_that_may_evict_is_refused() {
        server.command("CONFIG", "SET", "maxmemory-policy", "allkeys-lru");
        try {
            assertThatThrownBy(this::open)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("allkeys-lru")
                    .hasMessageContaining("noeviction");
        } finally {
            server.command("CONFIG", "SET", "maxmemory-policy", "noeviction");
        }
    }

    @Test
    void changes_of_several_kinds_and_columns_stay_in_order() {
        SharedJournal journal = open();
        Stage set = new Stage(Stage.Kind.UPSERT, Map.of("hits", new ColumnChange.Set(1L)));
        Stage update = new Stage(Stage.Kind.UPDATE, Map.of("hits", new Add(2L)));
        journal.append(0, 1, window(add("hits", 1L))).join();
        journal.append(0, 2, window(add("seen", 1L, "hits", 1L))).join();
        journal.append(0, 3, window(add("hits", 1L))).join();
        journal.append(0, 4, window(update)).join();
        journal.append(0, 5, window(set, update)).join();
        journal.append(0, 6, window(add("hits", 1L))).join();

        assertThat(journal.tail(0, ROW, 6).overlay().slices().get(0).stages())
                .containsExactly(add("hits", 2L), add("hits", 1L, "seen", 1L), update, set, update, add("hits", 1L));
    }

    /** An update of a row that does not exist is refused; one behind an upsert is not. */
    @Test
    void an_update_behind_an_upsert_is_not_counted_with_one_before_it() {
        SharedJournal journal = open();
        Stage update = new Stage(Stage.Kind.UPDATE, Map.of("hits", new Add(2L)));
        journal.append(0, 1, window(update)).join();
        journal.append(0, 2, window(add("hits", 1L))).join();
        journal.append(0, 3, window(update)).join();

        assertThat(journal.tail(0, ROW, 3).overlay().slices().get(0).stages())
                .containsExactly(update, add("hits", 1L), update);
    }

    @Test
    void S4_a_number_that_somebody_knows_and_Redis_does_not_begins_a_generation_above_it() {
        SharedJournal journal = open();
        SharedFeed feed = feed(journal);
        long before = journal.append(0, 1, window(add("hits", 5L))).join();
        long watermark = before + 1_000_000_000L;
        feed.begin(0, watermark);
        feed.wanted();

        long after = journal.append(0, 2, window(add("hits", 7L))).join();

        assertThat(after).isGreaterThan(watermark);
        assertThat(journal.range(0).highest()).isGreaterThanOrEqualTo(after);
        feed.close();
    }

    /** Nobody who knew a number is left: only Redis itself can tell that it is another one. */
    @Test
    void S4_a_Redis_that_came_back_older_gives_no_number_away_again() {
        try (RedisServer old = RedisServer.create()) {
            SharedJournal before = open(RedisSettings.of(old.uri()), ASKED);
            before.append(0, 1, window(add("hits", 5L))).join();
            old.command("SAVE");
            long forgotten = before.append(0, 2, window(add("hits", 7L))).join();
            before.close();
            old.restart();

            SharedJournal after = open(RedisSettings.of(old.uri()), ASKED);

            assertThat(after.append(0, 1, window(add("hits", 1L))).join()).isGreaterThan(forgotten);
            assertThat(pending(after, "hits")).isEqualTo(6);
            after.close();
        }
    }

    @Test
    void what_could_not_be_read_as_a_whole_is_read_again_from_its_beginning() {
        SharedJournal journal = open(RedisSettings.of(server.uri()), ASKED.withMaxRows(1));
        SharedFeed feed = feed(journal);
        long first = journal.append(0, 1, window(add("hits", 5L))).join();
        long second = journal.append(0, 2, window(add("hits", 7L))).join();
        String rows = "forebay:{main:0}:" + second + ":rows";
        server.command("RENAME", rows, "aside");
        server.command("SET", rows, "no hash");
        assertThatThrownBy(() -> take(journal, feed)).isInstanceOf(TransientSinkException.class);
        server.command("RENAME", "aside", rows);

        assertThat(take(journal, feed)).extracting(FedWindow::to).containsExactly(first, second);
        feed.close();
    }

    @Test
    void a_partition_that_was_given_back_is_missing_once_before_it_is_assigned_again() {
        SharedJournal journal = open();
        SharedFeed feed = feed(journal);
        String lease = "forebay:{main:0}:lease";
        server.command("ZADD", "forebay:{main}:feeds", "99999999999999", "!first");
        server.command("DEL", lease);
        server.command("HSET", lease, "not", "a lease");
        await().untilAsserted(() -> assertThatThrownBy(feed::assigned).isInstanceOf(TransientSinkException.class));
        server.command("DEL", lease);
        server.command("ZREM", "forebay:{main}:feeds", "!first");

        assertThat(feed.assigned()).isEmpty();
        await().until(() -> feed.assigned().contains(0));
        feed.close();
    }

    @Test
    void a_set_is_closed_when_it_is_full_also_if_nobody_flushes() {
        SharedJournal journal = open(RedisSettings.of(server.uri()), ASKED.withMaxRows(1));

        long first = journal.append(0, 1, window(add("hits", 5L))).join();
        long second = journal.append(0, 2, window(add("hits", 5L))).join();

        assertThat(second).isEqualTo(first + 1);
        assertThat(journal.tail(0, ROW, 2).overlay().slices()).hasSize(2);
        assertThat(journal.backlogBytes()).isPositive();
    }

    @Test
    void an_unknown_format_is_refused() {
        open();
        server.command("HSET", "forebay:{main}:facts", "format", "9");

        assertThatThrownBy(this::open).isInstanceOf(IllegalStateException.class).hasMessageContaining("format 9");
    }

    @Test
    void another_buffer_in_its_place_is_refused() {
        SharedJournal journal = open();
        server.command("HSET", "forebay:{main:0}:meta", "journal", "5f0c1f5e-0000-0000-0000-000000000000");

        assertThatThrownBy(() -> journal.append(0, 1, window(add("hits", 5L))).join())
                .hasMessageContaining("was made anew as 5f0c1f5e");
    }

    @Test
    void a_full_Redis_says_so_and_has_changed_nothing() {
        SharedJournal journal = open();
        server.command("CONFIG", "SET", "maxmemory", "1");
        try {
            assertThatThrownBy(
                            () -> journal.append(0, 1, window(add("hits", 5L))).join())
                    .hasCauseInstanceOf(TransientSinkException.class)
                    .hasMessageContaining("OOM");
        } finally {
            server.command("CONFIG", "SET", "maxmemory", "0");
        }
        journal.append(0, 1, window(add("hits", 5L))).join();
        assertThat(pending(journal, "hits")).isEqualTo(5);
    }

    @Test
    void a_user_needs_the_documented_commands_and_one_that_lacks_one_is_refused_at_the_start() {
        List<String> user = new ArrayList<>(List.of("ACL", "SETUSER", "ann", "reset", "on", ">secret", "~forebay:*"));
        for (String command : RedisDriver.COMMANDS) user.add("+" + command);
        server.command(user.toArray(String[]::new));
        RedisSettings settings = RedisSettings.of(server.uri()).withUser("ann", () -> "secret");
        SharedJournal journal = open(settings, ASKED);
        SharedFeed feed = feed(journal);
        journal.append(0, 1, window(add("hits", 5L))).join();
        assertThat(take(journal, feed)).hasSize(1);
        feed.close();

        server.command("ACL", "SETUSER", "ann", "-hincrby");
        assertThatThrownBy(() -> open(settings, ASKED)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void it_works_with_TLS() {
        try (RedisServer tls = RedisServer.createWithTls()) {
            RedisSettings settings =
                    RedisSettings.of("rediss://127.0.0.1:" + tls.tlsPort()).withTrustedCertificates(tls.certificate());
            SharedJournal journal = open(settings, ASKED);
            journal.append(0, 1, window(add("hits", 5L))).join();
            assertThat(pending(journal, "hits")).isEqualTo(5);
            journal.close();
        }
    }
}
