package io.forebay.redis;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a Redis, and what of it is Forebay's. Immutable.
 *
 * @param address where it is
 * @param user the user to log in as; null for Redis's default user
 * @param password asked at each connection, so that it may change; null if none is needed. Sentinels are asked without one
 * @param trustedCertificates a PEM file with the certificates to trust in place of Java's; null for Java's
 * @param prefix begins the name of everything that is kept; default {@code forebay:}. It must have no braces
 * @param timeout how long a connection, or the answer to a command, may take; 1 ms to 10 min, default 2 s
 */
public record RedisSettings(
        RedisAddress address,
        @Nullable String user,
        @Nullable Supplier<String> password,
        @Nullable Path trustedCertificates,
        String prefix,
        Duration timeout) {
    public RedisSettings {
        List<String> problems = new ArrayList<>();
        if (user != null && password == null) problems.add("user '" + user + "' needs a password");
        if (user != null && user.isBlank()) problems.add("user must not be blank");
        if (trustedCertificates != null && !address.tls())
            problems.add("trustedCertificates need an address with TLS (rediss://), was " + address);
        if (prefix.indexOf('{') >= 0 || prefix.indexOf('}') >= 0)
            problems.add("prefix must have no braces, which would put everything into one slot, was '" + prefix + "'");
        if (timeout.compareTo(Duration.ofMillis(1)) < 0 || timeout.compareTo(Duration.ofMinutes(10)) > 0)
            problems.add("timeout must be at least 1 ms and at most 10 min, was " + timeout);
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
    }

    /** The defaults for an address, see {@link RedisAddress#parse}. */
    public static RedisSettings of(String address) {
        return new RedisSettings(RedisAddress.parse(address), null, null, null, "forebay:", Duration.ofSeconds(2));
    }

    /** These settings with a password for the default user. */
    public RedisSettings withPassword(Supplier<String> newPassword) {
        return new RedisSettings(address, null, newPassword, trustedCertificates, prefix, timeout);
    }

    /** These settings with a user and its password. */
    public RedisSettings withUser(String newUser, Supplier<String> newPassword) {
        return new RedisSettings(address, newUser, newPassword, trustedCertificates, prefix, timeout);
    }

    /** These settings with the certificates to trust. */
    public RedisSettings withTrustedCertificates(Path pem) {
        return new RedisSettings(address, user, password, pem, prefix, timeout);
    }

    /** These settings with another prefix. */
    public RedisSettings withPrefix(String newPrefix) {
        return new RedisSettings(address, user, password, trustedCertificates, newPrefix, timeout);
    }

    /** These settings with another timeout. */
    public RedisSettings withTimeout(Duration newTimeout) {
        return new RedisSettings(address, user, password, trustedCertificates, prefix, newTimeout);
    }

    /** Without the password, or whatever shows it. */
    @Override
    public String toString() {
        return "RedisSettings[address=%s, user=%s, password=%s, trustedCertificates=%s, prefix=%s, timeout=%s]"
                .formatted(address, user, password == null ? "none" : "(hidden)", trustedCertificates, prefix, timeout);
    }
}
