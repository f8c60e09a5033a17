package io.forebay.internal.pending;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.BufferFullException;
import io.forebay.BufferPolicy;
import io.forebay.FullPolicy;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Writers wait for room, never those who make it. PROTOCOL J4. */
class BudgetTest {
    private static final long MAX_BYTES = 1 << 20;

    private static Budget budget(FullPolicy whenFull, Duration timeout) {
        return new Budget("orders", new BufferPolicy(MAX_BYTES, 10, whenFull, timeout), () -> 0, 1);
    }

    @Test
    void a_write_is_let_in_while_there_is_any_room() {
        Budget budget = budget(FullPolicy.REJECT, Duration.ZERO);
        budget.add(MAX_BYTES - 1, 9);

        budget.awaitRoom();

        assertThat(budget.hasRoom()).isTrue();
    }

    @Test
    void a_full_budget_rejects_with_its_numbers() {
        Budget budget = budget(FullPolicy.REJECT, Duration.ofDays(1));
        budget.add(5, 10);

        assertThatThrownBy(budget::awaitRoom)
                .isInstanceOf(BufferFullException.class)
                .hasMessageContainingAll("orders", "5 of 1048576 bytes", "10 of 10 rows");
    }

    @Test
    void either_limit_is_full() {
        Budget rows = budget(FullPolicy.REJECT, Duration.ZERO);
        Budget bytes = budget(FullPolicy.REJECT, Duration.ZERO);
        rows.add(0, 10);
        bytes.add(MAX_BYTES, 0);

        assertThat(rows.hasRoom()).isFalse();
        assertThat(bytes.hasRoom()).isFalse();
    }

    @Test
    void a_writer_waits_no_longer_than_its_timeout() {
        Budget budget = budget(FullPolicy.BLOCK, Duration.ofMillis(5));
        budget.add(0, 10);

        assertThatThrownBy(budget::awaitRoom).isInstanceOf(BufferFullException.class);
        assertThat(budget.hasWaiters()).isFalse();
    }

    @Test
    void a_waiting_writer_goes_on_when_room_is_made() throws Exception {
        Budget budget = budget(FullPolicy.BLOCK, Duration.ofMinutes(1));
        budget.add(0, 10);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(budget::awaitRoom);
        Awaitility.await().until(budget::hasWaiters);

        budget.add(0, -1);

        writer.get(10, TimeUnit.SECONDS);
        assertThat(budget.hasWaiters()).isFalse();
    }

    @Test
    void a_close_lets_every_writer_go() throws Exception {
        Budget budget = budget(FullPolicy.BLOCK, Duration.ofMinutes(1));
        budget.add(0, 10);
        CompletableFuture<Void> first = CompletableFuture.runAsync(budget::awaitRoom);
        Awaitility.await().until(budget::hasWaiters);

        budget.close();

        first.get(10, TimeUnit.SECONDS);
    }

    @Test
    void an_interrupted_writer_is_refused_and_stays_interrupted() {
        Budget budget = budget(FullPolicy.BLOCK, Duration.ofMinutes(1));
        budget.add(0, 10);
        Thread.currentThread().interrupt();

        assertThatThrownBy(budget::awaitRoom).isInstanceOf(BufferFullException.class);

        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void it_is_pressed_past_half_of_either_limit() {
        Budget budget = budget(FullPolicy.BLOCK, Duration.ZERO);
        budget.add(MAX_BYTES / 2, 5);
        assertThat(budget.isPressed()).isFalse();

        budget.add(0, 1);
        assertThat(budget.isPressed()).isTrue();
    }
}
