package io.forebay.testservers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/**
 * A real server as a child process, with a folder and a port of its own: it can be stopped, killed, paused and started again
 * on its data, and does not outlive the JVM. Thread-safe.
 */
public abstract class TestServer implements AutoCloseable {
    private final Path folder;
    private final int port;
    private final ServerProcess process;
    private final Thread hook;

    /** @param name as people write it */
    TestServer(String name, int port) throws IOException {
        this.folder = Files.createTempDirectory("forebay-" + name.toLowerCase(Locale.ROOT));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x")); // for other users
        this.port = port;
        this.process = new ServerProcess(name, this::command, log(), this::isReady);
        this.hook = new Thread(process::kill, "forebay-end-of-" + name);
    }

    TestServer(String name) throws IOException {
        this(name, ServerProcess.freePort());
    }

    /** What starts it. */
    abstract List<String> command();

    /** Whether it answers; an exception means not yet. */
    abstract boolean isReady() throws SQLException, IOException;

    /** What lets it end in an orderly way, cutting connections. */
    String stopSignal() {
        return "TERM";
    }

    /** The first start: from now on its end is the JVM's. */
    final void begin() {
        Runtime.getRuntime().addShutdownHook(hook);
        start();
    }

    /** Starts the server on its data and waits until it answers; nothing to do if it runs. */
    public final void start() {
        process.start();
    }

    /** Stops the server in an orderly way, cutting connections. */
    public final void stop() {
        process.stop(stopSignal());
    }

    /** Kills the server with SIGKILL, and returns when none of its processes is left. */
    public final void kill() {
        process.kill();
    }

    /** {@link #kill} and {@link #start}. */
    public final void restart() {
        kill();
        start();
    }

    /** Stops the process with SIGSTOP: it keeps its connections and answers nothing until {@link #resume}. */
    public final void pause() {
        process.signal("STOP");
    }

    /** Lets a paused server go on; nothing to do if it was not paused. */
    public final void resume() {
        process.signal("CONT");
    }

    public final boolean isRunning() {
        return process.isRunning();
    }

    /** @throws IllegalStateException if it runs */
    final void requireStopped() {
        process.requireStopped();
    }

    public final String host() {
        return "127.0.0.1";
    }

    /** The same for all restarts. */
    public final int port() {
        return port;
    }

    /** What the server wrote to its log. */
    public final String logText() {
        return Processes.read(log());
    }

    /** Kills the server and deletes its data. */
    @Override
    public final void close() {
        kill();
        Folders.delete(folder);
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // the JVM is ending, the hook runs anyway
        }
    }

    final Path folder() {
        return folder;
    }

    final Path dataFolder() {
        return folder.resolve("data");
    }

    private Path log() {
        return folder.resolve("server.log");
    }
}
