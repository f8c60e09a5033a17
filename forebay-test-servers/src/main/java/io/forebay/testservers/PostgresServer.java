package io.forebay.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A real PostgreSQL with {@code fsync} on, as a child process that can be stopped, killed, started again and set back to
 * an earlier state. It does not outlive the JVM. User {@code postgres}, no password, database {@code postgres}.
 * Thread-safe.
 */
public final class PostgresServer extends TestServer {
    private static final int ANSWER_SECONDS = 5;

    private final PostgresBinaries binaries;
    private final List<String> options;

    private PostgresServer(PostgresBinaries binaries, List<String> options) throws IOException {
        super("PostgreSQL");
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
    public static PostgresServer create(String... options) {
        try {
            PostgresServer server = new PostgresServer(PostgresBinaries.unpacked(), List.of(options));
            server.begin();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Copies the data folder of the stopped server, for {@link #restore}. */
    public Path copyDataDirectory() {
        Path copy = folder().resolve("copy-" + System.nanoTime());
        copyDataDirectory(copy);
        return copy;
    }

    /** Copies the data folder of the stopped server to {@code target}, which must not exist and outlives this server. */
    public void copyDataDirectory(Path target) {
        requireStopped();
        Folders.copy(dataFolder(), target);
    }

    /** Sets the stopped server back to what it was at {@link #copyDataDirectory}. */
    public void restore(Path copy) {
        requireStopped();
        Folders.delete(dataFolder());
        Folders.copy(copy, dataFolder());
        Processes.makeOwned(dataFolder());
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://" + host() + ":" + port() + "/postgres?user=postgres";
    }

    /** Makes one more database, empty; returns its URL. */
    public String createDatabase() {
        String name = "db_" + UUID.randomUUID().toString().replace("-", "");
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException("could not create a database", e);
        }
        return jdbcUrl().replaceFirst("/postgres(?=[?]|$)", "/" + name);
    }

    /** One connection per call, no pool. */
    public DataSource dataSource() {
        return dataSource(port());
    }

    /** The same by way of another port, see {@link TcpProxy}. */
    public PGSimpleDataSource dataSource(int throughPort) {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setServerNames(new String[] {host()});
        dataSource.setPortNumbers(new int[] {throughPort});
        dataSource.setDatabaseName("postgres");
        dataSource.setUser("postgres");
        return dataSource;
    }

    @Override
    String stopSignal() {
        return "INT";
    }

    @Override
    boolean isReady() throws SQLException {
        try (Connection connection = dataSource().getConnection()) {
            return connection.isValid(ANSWER_SECONDS);
        }
    }

    @Override
    List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                binaries.program("postgres").toString(),
                "-D",
                dataFolder().toString(),
                "-p",
                Integer.toString(port()),
                "-h",
                host(),
                "-k",
                "",
                "-c",
                "wal_level=logical",
                "-c",
                "max_connections=100"));
        for (String option : options) command.addAll(List.of("-c", option));
        return Processes.asOrdinaryUser(command);
    }
}
