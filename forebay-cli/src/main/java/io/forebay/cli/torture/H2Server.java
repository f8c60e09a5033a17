package io.forebay.cli.torture;

import io.forebay.cli.CommandFailure;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;

/** An H2 file behind a server of its own, which can be killed. Not thread-safe. */
final class H2Server implements Restarts, AutoCloseable {
    private final Path directory;
    private final int port;
    private final Thread hook = new Thread(this::kill, "forebay-h2-end");
    private Process process;

    private H2Server(Path directory) throws IOException {
        this.directory = directory;
        this.port = freePort();
        this.process = start();
    }

    /** Starts one with its files in {@code directory}; it may not take connections yet. */
    static H2Server in(Path directory) throws IOException {
        H2Server server = new H2Server(directory);
        Runtime.getRuntime().addShutdownHook(server.hook);
        return server;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    String url() {
        return "jdbc:h2:tcp://127.0.0.1:" + port + "/./db;WRITE_DELAY=0;TRACE_LEVEL_FILE=0";
    }

    private Process start() throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-Dh2.bindAddress=127.0.0.1",
                "-cp",
                System.getProperty("java.class.path"),
                "org.h2.tools.Server",
                "-tcp",
                "-tcpPort",
                Integer.toString(port),
                "-baseDir",
                directory.toString(),
                "-ifNotExists");
        File log = directory.resolve("h2.log").toFile();
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                .start();
    }

    @Override
    public void restart() {
        kill();
        try {
            process = start();
        } catch (IOException e) {
            throw new CommandFailure("H2's server cannot be started again: " + e.getMessage(), e);
        }
    }

    private void kill() {
        process.destroyForcibly().onExit().join();
    }

    @Override
    public void close() {
        kill();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return; // this process is ending, the hook runs anyway
        }
    }
}
