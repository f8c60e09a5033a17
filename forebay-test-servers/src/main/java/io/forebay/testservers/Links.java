package io.forebay.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What all networks that fail on demand have in common: it takes connections on a free port of the loopback address, and
 * opens one to the server for each. Thread-safe.
 */
public final class Links implements AutoCloseable {
    private final String host;
    private final int port;
    private final Kind kind;
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile boolean refusing;

    private Links(String host, int port, Kind kind) throws IOException {
        this.host = host;
        this.port = port;
        this.kind = kind;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /** Makes links; called by one thread. */
    public interface Kind {
        Link between(Socket client, Socket server);
    }

    private interface Way {
        void go() throws IOException, InterruptedException;
    }

    /** Begins to take connections. */
    public static Links to(String host, int port, Kind kind) {
        try {
            Links links = new Links(host, port, kind);
            daemon("forebay-links", links::accept);
            return links;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The port to connect to. */
    public int port() {
        return listener.getLocalPort();
    }

    /** Cuts every connection; new ones are taken. */
    public void cut() {
        links.forEach(Link::cut);
    }

    /** While true, new connections are closed at once. */
    public void refuse(boolean refuse) {
        refusing = refuse;
    }

    /** Takes no more connections, and cuts those that are there. */
    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            cut();
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                admit(listener.accept());
            } catch (IOException e) {
                // closed, or the server is away: the client sees its end of it
            }
        }
    }

    private void admit(Socket client) throws IOException {
        if (refusing) {
            client.close();
            return;
        }
        try {
            Link link = kind.between(client, new Socket(host, port));
            links.add(link);
            daemon("forebay-link-to-server", () -> toServer(link));
            daemon("forebay-link-to-client", () -> toClient(link));
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    private void toServer(Link link) {
        go(link::toServer);
        if (!link.staysOpen()) end(link);
    }

    private void toClient(Link link) {
        go(link::toClient);
        end(link);
    }

    private static void go(Way way) {
        try {
            way.go();
        } catch (IOException e) {
            // the other side has ended
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end(Link link) {
        links.remove(link);
        link.cut();
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }
}
