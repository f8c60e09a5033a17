package io.forebay.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A FerretDB (1.24.2): it speaks MongoDB's protocol and keeps its data in SQLite files. A child process that can be stopped,
 * killed, paused and started again on its data, and does not outlive the JVM. Thread-safe.
 *
 * <p>It has no transactions, change streams, pipelines in updates, array filters, validators or collations; it stops at the
 * first error of an unordered command, counts nothing where it reports one, and reads and writes a document in two steps, so
 * that two writers of one document may lose an update. It never answers a command with a hundred updates (fifty it does).
 */
public final class FerretDbServer implements AutoCloseable {
    private static final int CONNECT_MILLIS = 1000;

    private final Path folder;
    private final int port;
    private final ServerProcess process;
    private final Thread hook = new Thread(this::kill, "forebay-ferretdb-end");

    private FerretDbServer(Path program) throws IOException {
        this.folder = Files.createTempDirectory("forebay-ferretdb");
        this.port = ServerProcess.freePort();
        this.process = new ServerProcess("FerretDB", command(program), folder.resolve("ferretdb.log"), this::isReady);
    }

    /** Why there is none on this machine; empty if there is, or it is to be built ({@code -Dforebay.test.ferretdb=build}). */
    public static Optional<String> problem() {
        return FerretDbProgram.problem();
    }

    /** Makes a FerretDB of its own and starts it; the first one of a machine is built before. */
    public static FerretDbServer create() {
        try {
            FerretDbServer server = new FerretDbServer(FerretDbProgram.built());
            Runtime.getRuntime().addShutdownHook(server.hook);
            server.start();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts the server on its data and waits until it takes connections; nothing to do if it runs. */
    public void start() {
        process.start();
    }

    /** Stops the server in an orderly way, cutting connections. */
    public void stop() {
        process.stop("TERM");
    }

    /** Kills the server with SIGKILL, and returns when it is gone. */
    public void kill() {
        process.kill();
    }

    /** Kills the server and starts it again. */
    public void restart() {
        kill();
        start();
    }

    public boolean isRunning() {
        return process.isRunning();
    }

    public String host() {
        return "127.0.0.1";
    }

    /** The same for all restarts. */
    public int port() {
        return port;
    }

    /** {@code mongodb://host:port/}. */
    public String uri() {
        return "mongodb://" + host() + ":" + port + "/";
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

    private boolean isReady() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host(), port), CONNECT_MILLIS);
            return true;
        }
    }

    private List<String> command(Path program) {
        return Processes.endingWithThisJvm(List.of(
                program.toString(),
                "--handler=sqlite",
                "--sqlite-url=file:" + folder + "/",
                "--listen-addr=" + host() + ":" + port,
                "--state-dir=" + folder,
                "--debug-addr=-",
                "--telemetry=disable",
                "--log-level=warn"));
    }
}
