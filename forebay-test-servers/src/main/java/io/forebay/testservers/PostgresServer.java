package io.forebay.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A real PostgreSQL with {@code fsync} on, as a child process that can be stopped, killed, started again and set back to
 * an earlier state. It does not outlive the JVM. User {@code postgres}, no password, database {@code postgres}.
 * Thread-safe.
 */
public final class PostgresServer implements AutoCloseable {
    private static final int START_SECONDS = 60;

    private final PostgresBinaries binaries;
    private final List<String> options;
    private final Path folder;
    private final Thread hook = new Thread(this::kill, "forebay-postgres-end");
    private int port;
    private @Nullable Process process; // guarded by this, like port

    private PostgresServer(PostgresBinaries binaries, List<String> options) throws IOException {
        this.binaries = binaries;
        this.options = options;
        this.folder = Files.createTempDirectory("forebay-postgres");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Folders.copy(binaries.freshDataFolder(), dataFolder());
        Processes.makeOwned(dataFolder());
        this.port = freePort();
    }

    /**
     * Makes a new data folder and starts the server.
     *
     * @param options more settings, each {@code name=value}
     */
    public static PostgresServer create(String... options) {
        try {
            PostgresServer server = new PostgresServer(PostgresBinaries.unpacked(), List.of(options));
            Runtime.getRuntime().addShutdownHook(server.hook);
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the server on its data folder and waits until it takes connections; nothing to do if it runs. */
    public synchronized void start() {
        if (isRunning()) return;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        Process started = Processes.start(command(), log());
        process = started;
        while (!takesConnections()) {
            if (!started.isAlive() || System.nanoTime() - deadline > 0) {
                kill();
                throw new IllegalStateException("PostgreSQL did not start:\n" + Processes.read(log()));
            }
        }
    }

    /** Stops the server in an orderly way, cutting connections. */
    public synchronized void stop() {
        Process running = process;
        if (running == null) return;
        Processes.signal(running, "INT");
        if (!Processes.waitFor(running, 30)) kill();
        process = null;
    }

    /** Kills the server with SIGKILL, and returns when none of its processes is left. */
    public synchronized void kill() {
        Process running = process;
        if (running == null) return;
        List<ProcessHandle> all = new ArrayList<>(running.descendants().toList());
        all.add(0, running.toHandle());
        all.forEach(ProcessHandle::destroyForcibly);
        CompletableFuture<?>[] ends = all.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
        CompletableFuture.allOf(ends).orTimeout(30, TimeUnit.SECONDS).join();
        process = null;
    }

    public synchronized boolean isRunning() {
        return process != null && process.isAlive();
    }

    /** Copies the data folder of the stopped server, for {@link #restore}. */
    public synchronized Path copyDataDirectory() {
        Path copy = folder.resolve("copy-" + System.nanoTime());
        copyDataDirectory(copy);
        return copy;
    }

    /** Copies the data folder of the stopped server to {@code target}, which must not exist and outlives this server. */
    public synchronized void copyDataDirectory(Path target) {
        requireStopped();
        Folders.copy(dataFolder(), target);
    }

    /** Sets the stopped server back to what it was at {@link #copyDataDirectory}. */
    public synchronized void restore(Path copy) {
        requireStopped();
        Folders.delete(dataFolder());
        Folders.copy(copy, dataFolder());
        Processes.makeOwned(dataFolder());
    }

    public String host() {
        return "127.0.0.1";
    }

    /** The same for all restarts. */
    public synchronized int port() {
        return port;
    }

    public String jdbcUrl() {
        return "jdbc:postgresql://" + host() + ":" + port() + "/postgres?user=postgres";
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

    /** What the server wrote to its log. */
    public String logText() {
        return Processes.read(log());
    }

    /** Kills the server and deletes its data. */
    @Override
    public void close() {
        kill();
        Folders.delete(folder);
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the JVM is ending, the hook runs anyway
        }
    }

    private List<String> command() {
        List<String> command = new ArrayList<>(List.of(
                binaries.program("postgres").toString(),
                "-D",
                dataFolder().toString(),
                "-p",
                Integer.toString(port),
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

    private boolean takesConnections() {
        try (Connection connection = dataSource(port).getConnection()) {
            return connection.isValid(5);
        } catch (SQLException e) {
            return pause();
        }
    }

    private static boolean pause() {
        try {
            Thread.sleep(20);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while PostgreSQL was starting", e);
        }
        return false;
    }

    private void requireStopped() {
        if (isRunning()) throw new IllegalStateException("stop the server first: it runs on port " + port);
    }

    private Path dataFolder() {
        return folder.resolve("data");
    }

    private Path log() {
        return folder.resolve("postgres.log");
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
