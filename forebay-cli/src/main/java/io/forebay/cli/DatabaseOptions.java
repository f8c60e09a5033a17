package io.forebay.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which database, and who asks. */
public final class DatabaseOptions {
    private static final String PASSWORD_VARIABLE = "FOREBAY_PASSWORD";
    /** Of the databases Forebay knows; the command has all their drivers. */
    private static final List<String> SCHEMES =
            List.of("jdbc:h2:", "jdbc:mariadb:", "jdbc:mysql:", "jdbc:postgresql:", "jdbc:sqlite:");

    private static final int CONNECTIONS = 6; // four flushers, one reader, one spare
    private static final int CONNECT_MILLIS = 10_000;

    @Option(
            names = "--jdbc-url",
            paramLabel = "URL",
            description = "The database: jdbc:postgresql://host:5432/name, jdbc:mariadb://host:3306/name, "
                    + "jdbc:mysql://host:3306/name, "
                    + "jdbc:h2:file:/path/name or jdbc:sqlite:/path/name")
    private @Nullable String jdbcUrl;

    @Option(names = "--user", paramLabel = "NAME", description = "User of the database.")
    private @Nullable String user;

    @Option(
            names = "--password",
            paramLabel = "TEXT",
            description = "Password; others on this machine can see it, so better --password-file, or the variable "
                    + PASSWORD_VARIABLE + ".")
    private @Nullable String password;

    @Option(names = "--password-file", paramLabel = "FILE", description = "File whose first line is the password.")
    private @Nullable Path passwordFile;

    /** The address that was given. */
    public Optional<String> jdbcUrl() {
        return Optional.ofNullable(jdbcUrl);
    }

    /**
     * Connects to the database that was given.
     *
     * @throws CommandFailure if none was given, or it cannot be reached
     */
    public HikariDataSource connect() {
        if (jdbcUrl == null) throw new CommandFailure("say which database: --jdbc-url URL");
        return connect(jdbcUrl);
    }

    /**
     * Connects to {@code url}, as the user that was given.
     *
     * @throws CommandFailure if it is of no database Forebay knows, its driver is not here, or it cannot be reached
     */
    public HikariDataSource connect(String url) {
        requireKnown(url);
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password());
        config.setMaximumPoolSize(CONNECTIONS);
        config.setConnectionTimeout(CONNECT_MILLIS);
        config.setInitializationFailTimeout(-1);
        config.setPoolName("forebay");
        config.setExceptionOverrideClassName(LostConnections.class.getName());
        HikariDataSource dataSource = new HikariDataSource(config);
        try (Connection connection = dataSource.getConnection()) {
            connection.getMetaData();
            return dataSource;
        } catch (SQLException e) {
            dataSource.close();
            Throwable reason = e.getCause() == null ? e : e.getCause();
            throw new CommandFailure("cannot connect to %s: %s".formatted(withoutSecrets(url), reason.getMessage()), e);
        }
    }

    private static void requireKnown(String url) {
        if (SCHEMES.stream().noneMatch(url::startsWith))
            throw new CommandFailure("--jdbc-url must begin with %s, was %s"
                    .formatted(String.join(" or ", SCHEMES), withoutSecrets(url)));
    }

    /** What makes another process of this program use {@code url} as this one does, but for the password. */
    public List<String> arguments(String url) {
        return user == null ? List.of("--jdbc-url", url) : List.of("--jdbc-url", url, "--user", user);
    }

    /** The variables by which another process gets the password: nobody else on this machine sees it there. */
    public Map<String, String> environment() {
        String secret = password();
        return secret == null ? Map.of() : Map.of(PASSWORD_VARIABLE, secret);
    }

    private @Nullable String password() {
        if (password != null && passwordFile != null)
            throw new CommandFailure("give --password or --password-file, not both");
        if (password != null) return password;
        if (passwordFile == null) return System.getenv(PASSWORD_VARIABLE);
        try {
            return Files.readString(passwordFile).lines().findFirst().orElse("");
        } catch (IOException e) {
            throw new CommandFailure("--password-file: " + ErrorLine.of(e), e);
        }
    }

    /** The address without its parameters, where a password may be. */
    private static String withoutSecrets(String url) {
        return url.replaceFirst("[?;].*", "").replaceFirst("//[^/@]*@", "//");
    }
}
