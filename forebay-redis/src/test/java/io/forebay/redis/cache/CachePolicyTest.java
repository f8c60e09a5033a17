package io.forebay.redis.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.redis.RedisSettings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is refused, with all problems in one message, and how names are taken apart. */
class CachePolicyTest {
    private static final Duration NEGATIVE = Duration.ofMillis(-1);

    @Test
    void wrong_settings_are_refused_together() {
        assertThatThrownBy(() -> new CacheSettings(
                        RedisSettings.of("redis://localhost"), "{a}", Duration.ZERO, Duration.ofDays(1), NEGATIVE))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("name must have")
                .hasMessageContaining("ttl must be")
                .hasMessageContaining("jitter must be")
                .hasMessageContaining("grace must be");
    }

    @Test
    void a_wrong_near_policy_is_refused() {
        assertThatThrownBy(() -> new NearPolicy(-1, Duration.ZERO, NearPolicy.Hearing.TRACKING, Duration.ZERO))
                .hasMessageContaining("maxEntries must be")
                .hasMessageContaining("ttl must be")
                .hasMessageContaining("heartbeat must be");
    }

    @Test
    void a_wrong_load_policy_is_refused() {
        assertThatThrownBy(() -> new LoadPolicy(NEGATIVE, Duration.ZERO, NEGATIVE, LoadPolicy.WhenAway.LOAD))
                .hasMessageContaining("negativeTtl must be")
                .hasMessageContaining("lease must be")
                .hasMessageContaining("patience must be");
    }

    @Test
    void prefixes_end_with_a_colon_and_others_are_widened() {
        assertThat(CacheKeys.prefixes("user:1:photo")).isEqualTo(List.of("user:", "user:1:"));
        assertThat(CacheKeys.prefixes("user")).isEmpty();
        assertThat(CacheKeys.widened(List.of("user:1:", "user:1:ph", "user:2"))).isEqualTo(Set.of("user:", "user:1:"));
        assertThat(CacheKeys.widened(List.of("us"))).isEqualTo(Set.of(""));
    }
}
