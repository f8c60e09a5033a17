package io.forebay.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Beyond the contract: time that moves by hand, and what is kept. */
class MemoryStateTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(1)); // it turns over soon
    private final MemoryState state = new MemoryState(nanos::get);

    @Test
    void a_key_ends_at_its_time_and_not_before_also_when_the_clock_turns_over() {
        state.set("a", 1, Duration.ofSeconds(2));

        nanos.addAndGet(TimeUnit.SECONDS.toNanos(2) - 1);
        assertThat(state.get("a")).contains(1L);
        nanos.addAndGet(1);
        assertThat(state.get("a")).isEmpty();
    }

    @Test
    void parts_of_a_millisecond_are_cut_off() {
        state.set("a", 1, Duration.ofNanos(1_999_999));

        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1));

        assertThat(state.get("a")).isEmpty();
    }

    @Test
    void a_lease_ends_at_its_time_and_not_before() {
        Lease lease = state.tryAcquire("a", SECOND).orElseThrow();

        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1) - 1);
        assertThat(lease.renew(SECOND)).isTrue();
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1) - 1);
        assertThat(state.tryAcquire("a", SECOND)).isEmpty();
        nanos.addAndGet(1);
        assertThat(lease.renew(SECOND)).isFalse();
        assertThat(state.tryAcquire("a", SECOND)).isPresent();
    }

    @Test
    void what_has_expired_is_let_go_without_being_touched() {
        for (int i = 0; i < 1_000; i++) {
            state.set("key " + i, i, Duration.ofMillis(1 + i % 7));
            state.tryAcquire("lease " + i, SECOND);
        }
        state.set("stays", 1);
        assertThat(state.kept()).isEqualTo(2_001);

        nanos.addAndGet(TimeUnit.SECONDS.toNanos(1));
        state.get("another");

        assertThat(state.kept()).isEqualTo(1);
    }

    @Test
    void setting_one_key_again_and_again_keeps_one() {
        for (int i = 0; i < 1_000; i++) state.set("a", i, Duration.ofDays(1));
        state.incrementBy("a", 1);
        assertThat(state.kept()).isEqualTo(1);

        nanos.addAndGet(TimeUnit.DAYS.toNanos(1));
        state.get("another");

        assertThat(state.kept()).isZero();
    }

    @Test
    void a_listener_that_falls_behind_misses_messages_and_no_memory_grows() {
        List<Object> heard = new ArrayList<>();
        state.subscribe("a", message -> {
            heard.add(message);
            if (message.equals("begin")) for (int i = 0; i < 20_000; i++) state.publish("a", i);
        });

        state.publish("a", "begin");

        assertThat(heard).hasSize(10_001).startsWith("begin", 0L, 1L).endsWith(9_999L);
        state.publish("a", "end");
        assertThat(heard).endsWith("end");
    }
}
