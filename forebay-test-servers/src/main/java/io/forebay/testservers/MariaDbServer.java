package io.forebay.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.mariadb.jdbc.MariaDbDataSource;

/**
 * A real MariaDB with durable commits, as a child process that can be stopped, killed and started again. It does not
 * outlive the JVM. User {@code root}, no password, database {@code forebay}. Thread-safe.
 */
public final class MariaDbServer extends TestServer {
    private static final int ANSWER_SECONDS = 5;
    private static final String SOCKET = "mariadb.sock";

    private final MariaDbBinaries binaries;
    private final List<String> options;

    private MariaDbServer(MariaDbBinaries binaries, List<String> options) throws IOException {
        super("MariaDB");
        this.binaries = binaries;
        this.options = options;
        Folders.copy(binaries.freshDataFolder(), dataFolder());
        Processes.makeOwned(dataFolder());
    }

    /**
     * Makes a new data folder and starts the server.
     *
     * @param options more settings, each {@code name=value}
     */
    public static MariaDbServer create(String... options) {
        try {
            MariaDbServer server = new MariaDbServer(MariaDbBinaries.unpacked(), List.of(options));
            server.begin();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The same with a binary log that connectors for MySQL read: it is written as MySQL writes it, and the server tells a version of
     * MySQL, so that it is asked in words that it knows.
     */
    public static MariaDbServer createWithBinaryLog() {
        return create("version=8.0.36-log", "log-bin=binlog", "binlog-format=ROW", "server-id=1");
    }

    /** The URL for MariaDB's own driver. */
    public String jdbcUrl(String database) {
        return "jdbc:mariadb://" + address(port(), database);
    }

    /** The URL for MySQL's driver. */
    public String mysqlUrl(String database) {
        return "jdbc:mysql://" + address(port(), database);
    }

    private String address(int throughPort, String database) {
        return host() + ":" + throughPort + "/" + database + "?user=root";
    }

    /** One connection per call, no pool, to the database {@code forebay}. */
    public DataSource dataSource() {
        return dataSource(port(), "");
    }

    /**
     * The same by way of another port, see {@link TcpProxy}.
     *
     * @param parameters more of the URL, each {@code &name=value}
     */
    public DataSource dataSource(int throughPort, String parameters) {
        try {
            return new MariaDbDataSource("jdbc:mariadb://" + address(throughPort, "forebay") + parameters);
        } catch (SQLException e) {
            throw new IllegalArgumentException(parameters + " is no part of a URL", e);
        }
    }

    /** Copies the data folder of the stopped server to {@code target}, which must not exist and outlives this server. */
    public void copyDataDirectory(Path target) {
        requireStopped();
        try {
            Files.deleteIfExists(dataFolder().resolve(SOCKET)); // a killed server leaves it, and it is no file
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Folders.copy(dataFolder(), target);
    }

    /** Makes an empty database. */
    public void createDatabase(String name) {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException("could not create database " + name, e);
        }
    }

    @Override
    boolean isReady() throws SQLException {
        try (Connection connection = dataSource().getConnection()) {
            return connection.isValid(ANSWER_SECONDS);
        }
    }

    @Override
    List<String> command() {
        List<String> command = new ArrayList<>(binaries.command(dataFolder()));
        command.addAll(List.of(
                "--port=" + port(),
                "--bind-address=" + host(),
                "--socket=" + SOCKET, // in the data folder
                "--skip-name-resolve"));
        for (String option : options) command.add("--" + option);
        return Processes.asOrdinaryUser(command);
    }
}
