package io.forebay.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedisSettingsTest {
    @Test
    void addresses_are_read_and_shown_in_one_form() {
        for (String address : List.of(
                "redis://localhost:6379",
                "rediss://redis.example:6380/3",
                "redis-sentinel://one:26379,two:26380/2#primary",
                "rediss-cluster://one:6379,[::1]:6380"))
            assertThat(RedisAddress.parse(address)).hasToString(address);
        assertThat(RedisAddress.parse("redis://localhost/")).hasToString("redis://localhost:6379");
        assertThat(RedisAddress.parse("redis-sentinel://one#primary"))
                .hasToString("redis-sentinel://one:26379#primary");
    }

    @Test
    void what_is_no_address_is_refused_with_what_would_be_one() {
        wrong("http://localhost", "redis://host:port/database");
        wrong("redis://", "is no address of Redis");
        wrong("redis://localhost:", "is no host with a port");
        wrong("redis://localhost:0", "must be 1 to 65535");
        wrong("redis://localhost:65536", "must be 1 to 65535");
        wrong("redis://localhost/x", "is no address of Redis");
        wrong("redis://one,two", "several hosts are a cluster");
        wrong("redis-sentinel://one", "need the name of the primary");
        wrong("redis://one#primary", "only Sentinels know");
        wrong("redis-cluster://one/1", "a cluster has no database but 0");
    }

    @Test
    void a_password_in_an_address_is_refused_and_not_repeated() {
        assertThatThrownBy(() -> RedisAddress.parse("redis://ann:secret@localhost"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must not have a user or a password")
                .hasMessageNotContaining("secret");
    }

    @Test
    void a_password_is_not_shown() {
        RedisSettings settings = RedisSettings.of("redis://localhost").withUser("ann", () -> "secret");

        assertThat(settings.toString())
                .contains("user=ann", "password=(hidden)")
                .doesNotContain("secret", "Lambda");
    }

    @Test
    void all_wrong_settings_are_in_one_message() {
        RedisAddress address = RedisAddress.parse("redis://localhost");

        assertThatThrownBy(() -> new RedisSettings(address, "ann", null, Path.of("ca.pem"), "{x}", Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "user 'ann' needs a password",
                        "trustedCertificates need an address with TLS",
                        "prefix must have no braces",
                        "timeout must be at least 1 ms");
    }

    private static void wrong(String address, String why) {
        assertThatThrownBy(() -> RedisAddress.parse(address))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(why);
    }
}
