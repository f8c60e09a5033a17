package io.forebay.cli.torture;

import io.forebay.testservers.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** A door at which a shell command can knock: a server of this test is then killed and started again. */
final class RestartDoor implements AutoCloseable {
    private final PostgresServer server;
    private final ServerSocket listener;
    private final AtomicInteger restarts = new AtomicInteger();

    RestartDoor(PostgresServer server) throws IOException {
        this.server = server;
        this.listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::open, "restart-door");
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends when the server runs again. */
    String command() {
        return "bash -c 'exec 3<>/dev/tcp/127.0.0.1/" + listener.getLocalPort() + " && cat <&3'";
    }

    int restarts() {
        return restarts.get();
    }

    private void open() {
        while (!listener.isClosed()) {
            try (Socket knocking = listener.accept();
                    InputStream unused = knocking.getInputStream()) {
                server.kill();
                server.start();
                restarts.incrementAndGet();
            } catch (IOException e) {
                if (!listener.isClosed()) throw new UncheckedIOException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
