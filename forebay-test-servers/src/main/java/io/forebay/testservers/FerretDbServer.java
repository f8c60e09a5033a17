package io.forebay.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
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
public final class FerretDbServer extends TestServer {
    private static final int CONNECT_MILLIS = 1000;

    private final Path program;

    private FerretDbServer(Path program) throws IOException {
        super("FerretDB");
        this.program = program;
    }

    /** Why there is none on this machine; empty if there is, or it is to be built ({@code -Dforebay.test.ferretdb=build}). */
    public static Optional<String> problem() {
        return FerretDbProgram.problem();
    }

    /** Makes a FerretDB of its own and starts it; the first one of a machine is built before. */
    public static FerretDbServer create() {
        try {
            FerretDbServer server = new FerretDbServer(FerretDbProgram.built());
            server.begin();
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code mongodb://host:port/}. */
    public String uri() {
        return "mongodb://" + host() + ":" + port() + "/";
    }

    @Override
    boolean isReady() throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host(), port()), CONNECT_MILLIS);
            return true;
        }
    }

    @Override
    List<String> command() {
        return Processes.endingWithThisJvm(List.of(
                program.toString(),
                "--handler=sqlite",
                "--sqlite-url=file:" + folder() + "/",
                "--listen-addr=" + host() + ":" + port(),
                "--state-dir=" + folder(),
                "--debug-addr=-",
                "--telemetry=disable",
                "--log-level=warn"));
    }
}
