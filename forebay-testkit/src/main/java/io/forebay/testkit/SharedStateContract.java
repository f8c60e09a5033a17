package io.forebay.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.forebay.ForebayClosedException;
import io.forebay.state.Lease;
import io.forebay.state.SharedState;
import io.forebay.state.SharedStateException;
import io.forebay.state.Subscription;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link SharedState} must do. Extend it, and say how to open an empty one. Needs Awaitility as well. */
@SuppressWarnings("NullAway.Init") // the state is opened before each test
public abstract class SharedStateContract {
    private static final Duration SHORT = Duration.ofMillis(500); // long enough for the calls that must be in time
    private static final Duration LONG = Duration.ofMinutes(10);

    /** Text beyond the first plane, with marks, quotes, a line's end and a NUL. */
    private static final String ODD_TEXT = "ünï \"q\" \\ \n \u0000 {x} \uD83D\uDE00 \u202E";

    protected SharedState state;

    /** An empty state; closed after the test. */
    protected abstract SharedState open();

    @BeforeEach
    void openState() {
        state = open();
    }

    @AfterEach
    void closeState() {
        state.close();
    }

    // values

    @Test
    void a_value_comes_back_until_it_is_deleted() {
        assertThat(state.get("a")).isEmpty();
        state.set("a", "x");
        assertThat(state.get("a")).contains("x");

        assertThat(state.delete("a")).isTrue();
        assertThat(state.delete("a")).isFalse();
        assertThat(state.get("a")).isEmpty();
    }

    @Test
    void every_type_of_JSON_comes_back_in_normal_form() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("z", 1);
        map.put("a", Arrays.asList(true, null, new BigDecimal("1.50"), Map.of("", "")));
        map.put("n", null);
        Map<String, Object> expected = new HashMap<>();
        expected.put("z", 1L);
        expected.put("a", Arrays.asList(true, null, new BigDecimal("1.5"), Map.of("", "")));
        expected.put("n", null);

        assertThat(back(map)).isEqualTo(expected);
        assertThat(((Map<?, ?>) back(map)).keySet().toString()).isEqualTo("[a, n, z]");
        assertThat(back(List.of())).isEqualTo(List.of());
        assertThat(back(Map.of())).isEqualTo(Map.of());
        assertThat(back(false)).isEqualTo(false);
    }

    @Test
    void numbers_come_back_by_their_value_whatever_their_type_was() {
        assertThat(back((byte) -1)).isEqualTo(-1L);
        assertThat(back((short) 2)).isEqualTo(2L);
        assertThat(back(2.0)).isEqualTo(2L);
        assertThat(back(-0.0)).isEqualTo(0L);
        assertThat(back(1e3f)).isEqualTo(1000L);
        assertThat(back(0.1)).isEqualTo(new BigDecimal("0.1"));
        assertThat(back(0.1f)).isEqualTo(new BigDecimal("0.1"));
        assertThat(back(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThat(back(Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
        assertThat(back(new BigDecimal("0E+900"))).isEqualTo(0L);
        assertThat(back(new BigDecimal("9223372036854775807.000"))).isEqualTo(Long.MAX_VALUE);
        assertThat(back(BigInteger.ONE.shiftLeft(63))).isEqualTo(new BigDecimal("9223372036854775808"));
        assertThat(back(BigInteger.TEN.pow(300))).isEqualTo(new BigDecimal("1E+300"));
        assertThat(back(Double.MAX_VALUE)).isEqualTo(new BigDecimal("1.7976931348623157E+308"));
        assertThat(back(Double.MIN_VALUE)).isEqualTo(new BigDecimal("4.9E-324"));
        assertThat(back(new BigDecimal("1E-10000"))).isEqualTo(new BigDecimal("1E-10000"));
        BigDecimal thousandDigits = new BigDecimal("7".repeat(1_000)).movePointLeft(500);
        assertThat(back(thousandDigits)).isEqualTo(thousandDigits);
    }

    @Test
    void texts_come_back_as_they_are_also_as_keys() {
        for (String text : List.of("", " ", "null", "5", "\"", "{}", ODD_TEXT)) {
            assertThat(back(text)).isEqualTo(text);
            state.set(text, 1);
            assertThat(state.get(text)).contains(1L);
        }
    }

    @Test
    void big_values_come_back() {
        String text = ODD_TEXT.repeat(200_000);
        assertThat(back(text)).isEqualTo(text);
        Object deep = 1L;
        for (int i = 0; i < 100; i++) deep = List.of(deep);
        assertThat(back(deep)).isEqualTo(deep);
        List<Long> wide = LongStream.range(0, 100_000).boxed().toList();
        assertThat(back(wide)).isEqualTo(wide);
    }

    @Test
    void what_is_no_JSON_is_refused_by_name() {
        List<Object> itself = new ArrayList<>();
        itself.add(itself);

        refused(() -> state.set("a", LocalDate.EPOCH), "java.time.LocalDate is no type of JSON");
        refused(() -> state.set("a", Map.of(1, 2)), "the key 1, which is no String");
        refused(() -> state.set("a", new byte[0]), "[B is no type of JSON");
        refused(() -> state.set("a", Double.NaN), "NaN is no number");
        refused(() -> state.set("a", new AtomicInteger()), "AtomicInteger is no type of a number");
        refused(() -> state.set("a", new BigDecimal("1E+10001")), "exponent 10001");
        refused(() -> state.set("a", new BigDecimal("7".repeat(1_001))), "1001 digits");
        refused(() -> state.set("a", itself), "more than 100 levels");
        refused(() -> state.set("a", "x".repeat((16 << 20) + 1)), "more than 16777216 characters");
        refused(() -> state.set("a", "\uD83D"), "half of a pair of surrogates");
        refused(() -> state.set("\uDE00", 1), "half of a pair of surrogates");
        refused(() -> state.set("x".repeat(10_001), 1), "the key has 10001 characters");
        refused(() -> state.set("a", nothing()), "a value must not be null");
        refused(() -> state.set(nothing(), 1), "the key must not be null");
        assertThat(state.get("a")).isEmpty();
    }

    @Test
    void what_was_given_or_came_back_is_a_copy() {
        List<Object> list = new ArrayList<>(List.of(1L));
        state.set("a", list);
        list.add(2L);

        List<?> back = (List<?>) state.get("a").orElseThrow();
        assertThat(back).isEqualTo(List.of(1L));
        assertThatThrownBy(back::clear).isInstanceOf(UnsupportedOperationException.class);
    }

    // time

    @Test
    void a_value_with_a_time_is_gone_after_it() {
        state.set("a", 1, SHORT);
        state.set("b", 1, LONG);

        await().until(() -> state.get("a").isEmpty());

        assertThat(state.delete("a")).isFalse();
        assertThat(state.get("b")).contains(1L);
        state.append("a", 1); // another kind is no matter any more
    }

    @Test
    void a_set_without_a_time_ends_the_time_and_one_with_a_time_gives_another() {
        state.set("a", 1, SHORT);
        state.set("a", 2);
        state.set("b", 1, SHORT);
        state.set("b", 2, LONG);
        state.set("c", 1);
        state.set("c", 2, SHORT);

        await().until(() -> state.get("c").isEmpty());
        state.set("later", 1, SHORT);
        await().until(() -> state.get("later").isEmpty());

        assertThat(state.get("a")).contains(2L);
        assertThat(state.get("b")).contains(2L);
    }

    @Test
    void counting_keeps_the_time() {
        state.set("a", 1, SHORT);
        state.set("b", 1, SHORT);
        state.incrementBy("a", 1);
        state.decrementBy("b", 1);

        await().until(() -> state.get("a").isEmpty() && state.get("b").isEmpty());

        assertThat(state.incrementBy("a", 1)).isEqualTo(1);
    }

    @Test
    void times_that_are_no_times_are_refused() {
        for (Duration wrong : List.of(
                Duration.ZERO,
                Duration.ofNanos(999_999),
                Duration.ofMillis(-1),
                Duration.ofDays(36_500).plusMillis(1))) {
            refused(() -> state.set("a", 1, wrong), "ttl must be at least 1 ms");
            refused(() -> state.tryAcquire("a", wrong), "ttl must be at least 1 ms");
        }
        state.set("a", 1, Duration.ofDays(36_500));
        assertThat(state.get("a")).contains(1L);
    }

    // counters

    @Test
    void a_counter_begins_with_zero_and_is_a_value() {
        assertThat(state.incrementBy("a", 5)).isEqualTo(5);
        assertThat(state.decrementBy("a", 7)).isEqualTo(-2);
        assertThat(state.decrementBy("b", 1)).isEqualTo(-1);
        assertThat(state.get("a")).contains(-2L);

        state.set("a", 2.0);
        assertThat(state.incrementBy("a", 0)).isEqualTo(2);
    }

    @Test
    void a_sum_beyond_64_bits_is_refused_and_the_value_stays() {
        assertThat(state.incrementBy("a", Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
        assertThatThrownBy(() -> state.incrementBy("a", 1))
                .isInstanceOf(SharedStateException.class)
                .hasMessageContaining("incrementBy of key 'a' by 1 would leave the 64 bits");
        assertThat(state.get("a")).contains(Long.MAX_VALUE);

        assertThat(state.incrementBy("b", Long.MIN_VALUE)).isEqualTo(Long.MIN_VALUE);
        assertThatThrownBy(() -> state.decrementBy("b", 1))
                .isInstanceOf(SharedStateException.class)
                .hasMessageContaining("decrementBy of key 'b' by 1 would leave the 64 bits");
        assertThat(state.decrementBy("b", -1)).isEqualTo(Long.MIN_VALUE + 1);
        refused(() -> state.decrementBy("b", Long.MIN_VALUE), "its opposite is no number of 64 bits");
    }

    @Test
    void only_whole_numbers_of_64_bits_can_be_counted_with() {
        for (Object wrong : List.of("5", "", true, 1.5, BigInteger.ONE.shiftLeft(63), List.of(1), Map.of())) {
            state.set("a", wrong);
            assertThatThrownBy(() -> state.incrementBy("a", 1))
                    .isInstanceOf(SharedStateException.class)
                    .hasMessageContaining("key 'a' holds a value that is no whole number of 64 bits")
                    .hasMessageContaining("incrementBy");
        }
        state.set("a", 1.5);
        assertThatThrownBy(() -> state.decrementBy("a", 1)).hasMessageContaining("decrementBy");
        assertThat(state.get("a")).contains(new BigDecimal("1.5"));
    }

    @Test
    void increments_of_many_threads_are_all_counted_and_no_sum_comes_back_twice() throws Exception {
        int threads = 8;
        int each = 250;
        List<List<Long>> sums = inThreads(threads, () -> {
            List<Long> mine = new ArrayList<>();
            for (int i = 0; i < each; i++) mine.add(state.incrementBy("a", 1));
            return mine;
        });

        assertThat(state.get("a")).contains((long) threads * each);
        assertThat(sums.stream().flatMap(List::stream)).doesNotHaveDuplicates();
    }

    // hashes

    @Test
    void fields_are_merged_and_come_back_sorted() {
        assertThat(state.fields("a")).isEmpty();
        state.putFields("a", Map.of("y", 1, "x", "old", "", List.of(1)));
        state.putFields("a", Map.of("x", "new", ODD_TEXT, ODD_TEXT));

        Map<String, Object> fields = state.fields("a");
        assertThat(fields).isEqualTo(Map.of("y", 1L, "x", "new", "", List.of(1L), ODD_TEXT, ODD_TEXT));
        assertThat(new ArrayList<>(fields.keySet())).isSorted();

        assertThat(state.delete("a")).isTrue();
        assertThat(state.fields("a")).isEmpty();
    }

    @Test
    void fields_that_came_back_are_a_copy() {
        state.putFields("a", Map.of("x", 1));
        Map<String, Object> before = state.fields("a");

        state.putFields("a", Map.of("x", 2));

        assertThat(before).isEqualTo(Map.of("x", 1L));
        assertThatThrownBy(before::clear).isInstanceOf(UnsupportedOperationException.class);
    }

    // lists

    @Test
    void a_list_keeps_its_order_and_says_how_long_it_is() {
        assertThat(state.append("a", 1, "two")).isEqualTo(2);
        assertThat(state.append("a", List.of(3, 4))).isEqualTo(3);
        assertThat(state.range("a", 0, -1)).isEqualTo(List.of(1L, "two", List.of(3L, 4L)));
        assertThat(state.range("none", 0, -1)).isEmpty();
    }

    @Test
    void a_range_includes_its_ends_counts_from_the_end_and_leaves_out_what_is_not_there() {
        state.append("a", 0, 1, 2, 3, 4);

        assertThat(state.range("a", 1, 3)).isEqualTo(List.of(1L, 2L, 3L));
        assertThat(state.range("a", 2, 2)).isEqualTo(List.of(2L));
        assertThat(state.range("a", -2, -1)).isEqualTo(List.of(3L, 4L));
        assertThat(state.range("a", -5, 0)).isEqualTo(List.of(0L));
        assertThat(state.range("a", -99, 1)).isEqualTo(List.of(0L, 1L));
        assertThat(state.range("a", 3, 99)).isEqualTo(List.of(3L, 4L));
        assertThat(state.range("a", 1, -2)).isEqualTo(List.of(1L, 2L, 3L));
        assertThat(state.range("a", 3, 1)).isEmpty();
        assertThat(state.range("a", 5, 9)).isEmpty();
        assertThat(state.range("a", 0, -6)).isEmpty();
        assertThat(state.range("a", -1, -2)).isEmpty();
        assertThat(state.range("a", Long.MIN_VALUE, Long.MAX_VALUE)).hasSize(5);
        assertThat(state.range("a", Long.MAX_VALUE, Long.MIN_VALUE)).isEmpty();
    }

    @Test
    void what_many_threads_append_together_stays_together() throws Exception {
        inThreads(4, () -> {
            for (int i = 0; i < 50; i++) state.append("a", i, i, i);
            return true;
        });

        List<Object> all = state.range("a", 0, -1);
        assertThat(all).hasSize(600);
        for (int i = 0; i < 600; i += 3)
            assertThat(Set.copyOf(all.subList(i, i + 3))).hasSize(1);
    }

    // sets

    @Test
    void a_set_has_each_value_once() {
        assertThat(state.members("a")).isEmpty();
        assertThat(state.add("a", 1, "1", 1.0, true)).isEqualTo(3);
        assertThat(state.add("a", 1, 2)).isEqualTo(1);
        assertThat(state.members("a")).isEqualTo(Set.of(1L, "1", true, 2L));

        assertThat(state.remove("a", 1, 1, "none")).isEqualTo(1);
        assertThat(state.remove("none", 1)).isZero();
        assertThat(state.members("a")).isEqualTo(Set.of("1", true, 2L));
    }

    @Test
    void maps_are_one_member_whatever_the_order_of_their_keys() {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("x", 1);
        one.put("y", 2.50);
        Map<String, Object> other = new LinkedHashMap<>();
        other.put("y", new BigDecimal("2.5"));
        other.put("x", 1L);

        assertThat(state.add("a", one)).isEqualTo(1);
        assertThat(state.add("a", other)).isZero();
        assertThat(state.remove("a", other)).isEqualTo(1);
    }

    @Test
    void an_empty_set_is_gone() {
        state.add("a", 1, 2);
        state.remove("a", 1, 2);

        assertThat(state.delete("a")).isFalse();
        state.append("a", 1); // another kind is no matter any more
    }

    @Test
    void nothing_is_not_put_anywhere() {
        refused(() -> state.append("a"), "append of key 'a' needs a value");
        refused(() -> state.add("a"), "add of key 'a' needs a value");
        refused(() -> state.remove("a"), "remove of key 'a' needs a value");
        refused(() -> state.putFields("a", Map.of()), "putFields of key 'a' needs a field");
        refused(() -> state.append("a", 1, nothing()), "a value must not be null");
        refused(() -> state.putFields("a", Collections.singletonMap("x", nothing())), "a value must not be null");
        assertThat(state.delete("a")).isFalse();
    }

    // kinds

    @Test
    void a_key_of_another_kind_is_refused_with_what_it_holds_and_stays_as_it_is() {
        state.set("value", "x");
        state.putFields("hash", Map.of("x", 1));
        state.append("list", 1);
        state.add("set", 1);

        for (String key : List.of("hash", "list", "set")) {
            wrongKind(key, "get", () -> state.get(key));
            wrongKind(key, "incrementBy", () -> state.incrementBy(key, 1));
            wrongKind(key, "decrementBy", () -> state.decrementBy(key, 1));
        }
        for (String key : List.of("value", "list", "set")) {
            wrongKind(key, "putFields", () -> state.putFields(key, Map.of("x", 1)));
            wrongKind(key, "fields", () -> state.fields(key));
        }
        for (String key : List.of("value", "hash", "set")) {
            wrongKind(key, "append", () -> state.append(key, 1));
            wrongKind(key, "range", () -> state.range(key, 0, 1));
        }
        for (String key : List.of("value", "hash", "list")) {
            wrongKind(key, "add", () -> state.add(key, 1));
            wrongKind(key, "members", () -> state.members(key));
            wrongKind(key, "remove", () -> state.remove(key, 1));
        }
        assertThat(state.get("value")).contains("x");
        assertThat(state.fields("hash")).isEqualTo(Map.of("x", 1L));
        assertThat(state.range("list", 0, -1)).isEqualTo(List.of(1L));
        assertThat(state.members("set")).isEqualTo(Set.of(1L));
    }

    @Test
    void a_set_takes_the_place_of_any_kind() {
        state.putFields("a", Map.of("x", 1));
        state.set("a", 1);
        assertThat(state.get("a")).contains(1L);
    }

    // leases

    @Test
    void a_lease_has_one_holder_until_it_is_released() {
        Lease lease = state.tryAcquire("a", LONG).orElseThrow();
        assertThat(lease.name()).isEqualTo("a");
        assertThat(state.tryAcquire("a", LONG)).isEmpty();
        assertThat(state.tryAcquire("b", LONG)).isPresent();

        assertThat(lease.release()).isTrue();
        assertThat(lease.release()).isFalse();
        assertThat(lease.renew(LONG)).isFalse();
        assertThat(state.tryAcquire("a", LONG)).isPresent();
    }

    @Test
    void its_token_grows_over_releases_and_over_expiry() {
        long released;
        try (Lease lease = state.tryAcquire("a", LONG).orElseThrow()) {
            released = lease.token();
        }
        Lease expired = state.tryAcquire("a", SHORT).orElseThrow();
        assertThat(expired.token()).isGreaterThan(released);

        Lease last = awaitLease("a");
        assertThat(last.token()).isGreaterThan(expired.token());
    }

    @Test
    void a_holder_whose_time_is_over_can_neither_renew_nor_release_the_lease_of_another() {
        Lease late = state.tryAcquire("a", SHORT).orElseThrow();
        Lease holder = awaitLease("a");

        assertThat(late.renew(LONG)).isFalse();
        assertThat(late.release()).isFalse();
        late.close();

        assertThat(state.tryAcquire("a", LONG)).isEmpty();
        assertThat(holder.renew(LONG)).isTrue();
    }

    @Test
    void a_lease_that_nobody_took_after_its_time_cannot_be_renewed_either() {
        Lease late = state.tryAcquire("a", SHORT).orElseThrow();
        state.set("later", 1, SHORT);
        await().until(() -> state.get("later").isEmpty());

        assertThat(late.renew(LONG)).isFalse();
        assertThat(state.tryAcquire("a", LONG)).isPresent();
    }

    @Test
    void a_renewed_lease_lasts_from_then_on() {
        Lease lengthened = state.tryAcquire("a", SHORT).orElseThrow();
        assertThat(lengthened.renew(LONG)).isTrue();
        Lease shortened = state.tryAcquire("b", LONG).orElseThrow();
        assertThat(shortened.renew(SHORT)).isTrue();

        awaitLease("b");

        assertThat(state.tryAcquire("a", LONG)).isEmpty();
        refused(() -> lengthened.renew(Duration.ZERO), "ttl must be at least 1 ms");
    }

    @Test
    void of_many_who_try_at_once_one_gets_the_lease() throws Exception {
        for (int round = 0; round < 20; round++) {
            String name = "lease " + round;
            assertThat(inThreads(4, () -> state.tryAcquire(name, LONG)).stream().filter(Optional::isPresent))
                    .hasSize(1);
        }
    }

    @Test
    void keys_leases_and_channels_of_one_name_are_three_things() throws Exception {
        for (String name : List.of("", "a", "}", "{", "{}", "a}b{c}", ODD_TEXT)) {
            state.append(name, 1);
            Lease lease = state.tryAcquire(name, LONG).orElseThrow();
            assertThat(state.tryAcquire(name, LONG)).isEmpty();
            assertThat(lease.renew(LONG)).isTrue();
            LinkedBlockingQueue<Object> heard = new LinkedBlockingQueue<>();
            Subscription subscription = state.subscribe(name, heard::add);
            state.publish(name, name);
            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo(name);
            subscription.close();
            assertThat(state.delete(name)).isTrue();
            assertThat(lease.release()).isTrue();
        }
    }

    // channels

    @Test
    void a_message_reaches_all_subscribers_of_its_channel_in_the_order_of_publishing() {
        List<Object> one = new CopyOnWriteArrayList<>();
        List<Object> two = new CopyOnWriteArrayList<>();
        List<Object> other = new CopyOnWriteArrayList<>();
        state.publish("a", "before anyone listens");
        state.subscribe("a", one::add);
        state.subscribe("a", two::add);
        state.subscribe("b", other::add);

        List<Object> messages = new ArrayList<>(List.of(1L, "two", List.of(3L), Map.of("four", new BigDecimal("4.5"))));
        for (long i = 0; i < 200; i++) messages.add(i);
        messages.forEach(message -> state.publish("a", message));
        state.publish("b", "end");

        await().untilAsserted(() -> assertThat(one).isEqualTo(messages));
        await().untilAsserted(() -> assertThat(two).isEqualTo(messages));
        await().untilAsserted(() -> assertThat(other).containsExactly("end"));
    }

    @Test
    void who_has_closed_a_subscription_hears_nothing_more_and_the_others_do() {
        List<Object> closed = new CopyOnWriteArrayList<>();
        List<Object> open = new CopyOnWriteArrayList<>();
        Subscription subscription = state.subscribe("a", closed::add);
        state.subscribe("a", open::add);
        state.publish("a", 1);
        await().until(() -> closed.size() == 1);

        subscription.close();
        subscription.close();
        state.publish("a", 2);

        await().until(() -> open.size() == 2);
        assertThat(closed).containsExactly(1L);

        List<Object> again = new CopyOnWriteArrayList<>();
        state.subscribe("a", again::add);
        state.publish("a", 3);
        await().until(() -> again.equals(List.of(3L)));
    }

    @Test
    void the_last_one_who_closes_and_the_next_one_who_subscribes_do_not_harm_each_other() throws Exception {
        for (int round = 0; round < 50; round++) {
            Subscription last = state.subscribe("a", message -> {});
            LinkedBlockingQueue<Object> heard = new LinkedBlockingQueue<>();
            AtomicInteger turn = new AtomicInteger();
            inThreads(2, () -> {
                if (turn.getAndIncrement() == 0) last.close();
                else state.subscribe("a", heard::add);
                return true;
            });

            state.publish("a", round);

            assertThat(heard.poll(10, TimeUnit.SECONDS)).isEqualTo((long) round);
        }
    }

    @Test
    void a_subscription_may_be_closed_by_its_listener_in_the_middle_of_messages() throws Exception {
        List<Object> heard = new CopyOnWriteArrayList<>();
        CountDownLatch closed = new CountDownLatch(1);
        List<Subscription> own = new CopyOnWriteArrayList<>();
        own.add(state.subscribe("a", message -> {
            heard.add(message);
            own.get(0).close();
            closed.countDown();
        }));
        LinkedBlockingQueue<Object> end = new LinkedBlockingQueue<>();
        state.subscribe("end", end::add);

        for (int i = 0; i < 10; i++) state.publish("a", i);
        assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
        state.publish("end", 1);

        assertThat(end.poll(10, TimeUnit.SECONDS)).isEqualTo(1L);
        assertThat(heard).containsExactly(0L);
    }

    @Test
    void a_listener_that_throws_harms_neither_itself_nor_others() {
        List<Object> one = new CopyOnWriteArrayList<>();
        List<Object> two = new CopyOnWriteArrayList<>();
        state.subscribe("a", message -> {
            one.add(message);
            throw new IllegalStateException("on purpose");
        });
        state.subscribe("a", message -> {
            two.add(message);
            throw new AssertionError("on purpose");
        });

        assertThatCode(() -> {
                    state.publish("a", 1);
                    state.publish("a", 2);
                })
                .doesNotThrowAnyException();

        await().until(() -> one.equals(List.of(1L, 2L)) && two.equals(List.of(1L, 2L)));
    }

    @Test
    void a_listener_may_use_the_state() {
        state.subscribe("a", message -> {
            if (state.incrementBy("calls", 1) < 3) state.publish("a", message);
        });

        state.publish("a", 1);

        await().untilAsserted(() -> assertThat(state.get("calls")).contains(3L));
    }

    @Test
    void a_listener_is_called_by_one_thread_at_a_time() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger calls = new AtomicInteger();
        state.subscribe("a", message -> {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            Thread.onSpinWait();
            inside.decrementAndGet();
            calls.incrementAndGet();
        });

        inThreads(4, () -> {
            for (int i = 0; i < 100; i++) state.publish("a", i);
            return true;
        });

        await().until(() -> calls.get() == 400);
        assertThat(most).hasValue(1);
    }

    @Test
    void a_message_that_is_no_JSON_is_refused() {
        refused(() -> state.publish("a", LocalDate.EPOCH), "java.time.LocalDate");
        refused(() -> state.publish("a", nothing()), "must not be null");
    }

    // the end

    @Test
    void after_its_close_a_state_refuses_everything_and_its_listeners_hear_nothing() {
        Consumer<Object> deaf = message -> {
            throw new AssertionError("nobody may call this");
        };
        Subscription subscription = state.subscribe("a", deaf);
        Lease lease = state.tryAcquire("a", LONG).orElseThrow();

        state.close();
        state.close();

        for (Runnable call : List.<Runnable>of(
                () -> state.get("a"),
                () -> state.set("a", 1),
                () -> state.incrementBy("a", 1),
                () -> state.publish("a", 1),
                () -> state.subscribe("a", deaf),
                () -> state.tryAcquire("a", LONG),
                () -> lease.renew(LONG))) assertThatThrownBy(call::run).isInstanceOf(ForebayClosedException.class);
        subscription.close();
    }

    /** For a call that the compiler would not let pass. */
    @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
    private static <T> T nothing() {
        return null;
    }

    private Object back(Object value) {
        state.set("back", value);
        return state.get("back").orElseThrow();
    }

    private Lease awaitLease(String name) {
        return await().until(() -> state.tryAcquire(name, LONG), Optional::isPresent)
                .orElseThrow();
    }

    private static void refused(Runnable call, String why) {
        assertThatThrownBy(call::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }

    private static void wrongKind(String key, String asked, Runnable call) {
        assertThatThrownBy(call::run)
                .isInstanceOf(SharedStateException.class)
                .hasMessage("key '%s' holds a %s, which %s cannot be used with".formatted(key, key, asked));
    }

    private static <T> List<T> inThreads(int threads, Callable<T> work) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> result : executor.invokeAll(Collections.nCopies(threads, work)))
                results.add(result.get(60, TimeUnit.SECONDS));
            return results;
        } finally {
            executor.shutdownNow();
        }
    }
}
