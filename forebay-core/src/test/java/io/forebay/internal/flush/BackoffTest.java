package io.forebay.internal.flush;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Waits between attempts: random below a bound that doubles up to a limit. */
class BackoffTest {
    /** Always draws the largest wait there may be. */
    private final Backoff longest = new Backoff(Duration.ofNanos(100), Duration.ofNanos(1_000), new Random() {
        @Override
        public long nextLong(long bound) {
            return bound - 1;
        }
    });

    @Test
    void its_bound_doubles_until_the_limit() {
        assertThat(LongStream.generate(longest::nextNanos).limit(6))
                .containsExactly(100L, 200L, 400L, 800L, 1_000L, 1_000L);
    }

    @Test
    void it_begins_anew_after_a_success() {
        longest.nextNanos();
        longest.nextNanos();

        longest.reset();

        assertThat(longest.nextNanos()).isEqualTo(100);
    }

    @Test
    void it_waits_at_least_a_nanosecond() {
        Backoff shortest = new Backoff(Duration.ofNanos(100), Duration.ofNanos(1_000), new Random() {
            @Override
            public long nextLong(long bound) {
                return 0;
            }
        });

        assertThat(shortest.nextNanos()).isEqualTo(1);
    }
}
