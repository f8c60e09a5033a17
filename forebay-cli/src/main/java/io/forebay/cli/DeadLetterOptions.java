package io.forebay.cli;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.zaxxer.hikari.HikariDataSource;
import io.forebay.jdbc.JdbcDeadLetters;
import io.forebay.mongodb.MongoDeadLetters;
import io.forebay.spi.DeadLetterStore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Whose dead letters. */
public final class DeadLetterOptions {
    private static final int CONNECT_SECONDS = 10;

    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Option(
            names = "--mongodb-uri",
            paramLabel = "URI",
            description = "In place of --jdbc-url: mongodb://host:27017/database; user and password are part of it.")
    private @Nullable String mongoUri;

    /**
     * The dead letters, as long as the connection is open.
     *
     * @param connection ends with it
     */
    record Opened(DeadLetterStore store, Runnable connection) implements AutoCloseable {
        @Override
        public void close() {
            connection.run();
        }
    }

    /**
     * Connects.
     *
     * @throws CommandFailure if no database was given, or two, or it cannot be reached
     */
    Opened open() {
        if (mongoUri == null) {
            HikariDataSource dataSource = database.connect();
            return new Opened(new JdbcDeadLetters(dataSource), dataSource::close);
        }
        if (database.jdbcUrl().isPresent()) throw new CommandFailure("give --jdbc-url or --mongodb-uri, not both");
        ConnectionString address = address(mongoUri);
        String name = address.getDatabase();
        if (name == null)
            throw new CommandFailure("--mongodb-uri names no database: mongodb://host:27017/database would");
        MongoClient client = MongoClients.create(MongoClientSettings.builder()
                .applyToClusterSettings(it -> it.serverSelectionTimeout(CONNECT_SECONDS, TimeUnit.SECONDS))
                .applyConnectionString(address)
                .build());
        return new Opened(new MongoDeadLetters(client, name), client::close);
    }

    private static ConnectionString address(String uri) {
        try {
            return new ConnectionString(uri);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure("--mongodb-uri is none: " + e.getMessage(), e);
        }
    }
}
