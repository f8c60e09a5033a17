package io.forebay.redis.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The order of flights and invalidations in one process. Time moves by hand. */
class NearCacheTest {
    private static final String KEY = "user:1";
    private static final Duration LONG = Duration.ofMinutes(1);
    private static final Known<String> OLD = Known.of("old");

    private final AtomicLong nanos = new AtomicLong();
    private final NearCache<String> near =
            new NearCache<>(100, Duration.ofSeconds(5), Duration.ofMinutes(2), nanos::get);

    static List<Announcement> invalidations() {
        return List.of(
                Announcement.of(Set.of(KEY), Set.of(), Set.of()),
                Announcement.of(Set.of(), Set.of("team"), Set.of()),
                Announcement.of(Set.of(), Set.of(), Set.of("user:")),
                Announcement.EVERYTHING);
    }

    @BeforeEach
    void open() {
        near.open(nanos.get());
    }

    private Flight<String> kept() {
        Flight<String> flight = near.flight(KEY);
        near.keep(flight, OLD, Set.of("team"), LONG);
        near.end(flight);
        return flight;
    }

    @ParameterizedTest
    @MethodSource("invalidations")
    void what_is_kept_goes_with_an_invalidation(Announcement what) {
        kept();
        assertThat(near.get(KEY)).isEqualTo(OLD);

        near.forget(what);

        assertThat(near.get(KEY)).isNull();
        kept();
        assertThat(near.get(KEY)).isEqualTo(OLD);
    }

    @ParameterizedTest
    @MethodSource("invalidations")
    void what_was_on_its_way_at_an_invalidation_is_not_kept(Announcement what) {
        Flight<String> flight = near.flight(KEY);

        near.forget(what);
        near.keep(flight, OLD, Set.of("team"), LONG);

        assertThat(near.get(KEY)).isNull();
    }

    @ParameterizedTest
    @MethodSource("invalidations")
    void a_read_after_an_invalidation_begins_a_flight_of_its_own(Announcement what) {
        Flight<String> before =
                CompletableFuture.supplyAsync(() -> near.flight(KEY)).join();
        assertThat(near.flight(KEY)).isSameAs(before);

        near.forget(what);
        Flight<String> after = near.flight(KEY);

        assertThat(after).isNotSameAs(before);
        near.end(before);
        near.keep(after, Known.of("new"), Set.of("team"), LONG);
        assertThat(near.get(KEY)).isEqualTo(Known.of("new"));
    }

    @Test
    void a_later_invalidation_spoils_an_earlier_flight_that_nobody_joins_any_more() {
        Flight<String> before =
                CompletableFuture.supplyAsync(() -> near.flight(KEY)).join();
        near.forget(Announcement.of(Set.of(), Set.of("other"), Set.of()));
        Flight<String> after = near.flight(KEY);
        near.end(after);

        near.forget(Announcement.of(Set.of(KEY), Set.of(), Set.of()));
        near.keep(before, OLD, Set.of(), LONG);

        assertThat(near.get(KEY)).isNull();
    }

    @Test
    void other_tags_and_prefixes_change_nothing() {
        Flight<String> flight = near.flight(KEY);
        near.forget(Announcement.of(Set.of("user:2"), Set.of("other"), Set.of("user:1:")));

        near.keep(flight, OLD, Set.of("team"), LONG);

        assertThat(near.get(KEY)).isEqualTo(OLD);
    }

    @Test
    void closed_it_serves_and_keeps_nothing() {
        kept();
        Flight<String> onItsWay = near.flight("user:2");
        near.close();
        Flight<String> whileClosed = near.flight("user:3");

        near.keep(onItsWay, OLD, Set.of(), LONG);
        near.keep(whileClosed, OLD, Set.of(), LONG);
        near.open(nanos.get());
        near.keep(whileClosed, OLD, Set.of(), LONG);

        assertThat(List.of(KEY, "user:2", "user:3")).allMatch(key -> near.get(key) == null);
    }

    @Test
    void it_serves_nothing_when_it_was_not_sure_for_long() {
        kept();
        nanos.addAndGet(Duration.ofSeconds(5).toNanos());
        assertThat(near.get(KEY)).isNull();

        near.confirm(nanos.get());

        assertThat(near.get(KEY)).isEqualTo(OLD);
    }

    @Test
    void a_value_ends_with_its_time() {
        kept();
        nanos.addAndGet(LONG.toNanos());
        near.confirm(nanos.get());

        assertThat(near.get(KEY)).isNull();
    }

    @Test
    void marks_that_matter_survive_tidying() {
        kept();
        near.forget(Announcement.of(Set.of(), Set.of("team"), Set.of()));
        near.tidy();

        assertThat(near.get(KEY)).isNull();
    }
}
