package io.forebay.testservers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network between a program and a server of any protocol that fails on demand: it forwards bytes, and knows nothing of
 * what they mean. See {@link TcpProxy} for one that knows PostgreSQL's. Thread-safe.
 */
public final class TcpRelay implements AutoCloseable {
    private static final int BUFFER_BYTES = 8 << 10;

    private final String host;
    private final int port;
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger repliesToLose = new AtomicInteger();
    private final AtomicInteger lostReplies = new AtomicInteger();
    private volatile boolean refusing;

    private TcpRelay(String host, int port) throws IOException {
        this.host = host;
        this.port = port;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /** Listens on a free port of the loopback address and forwards every connection to {@code host:port}. */
    public static TcpRelay to(String host, int port) {
        try {
            TcpRelay relay = new TcpRelay(host, port);
            daemon(relay::accept);
            return relay;
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

    /** The next reply of the server, to a request that it has carried out, is not delivered: its connection is cut. */
    public void loseReply() {
        repliesToLose.set(1);
    }

    /** How many replies were lost so far. */
    public int lostReplies() {
        return lostReplies.get();
    }

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
            Link link = new Link(client, new Socket(host, port));
            links.add(link);
            daemon(link::toServer);
            daemon(link::toClient);
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "forebay-relay");
        thread.setDaemon(true);
        thread.start();
    }

    /** One connection, both ways. */
    private final class Link {
        private final Socket client;
        private final Socket server;

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void toServer() {
            forward(client, server, false);
        }

        void toClient() {
            forward(server, client, true);
        }

        private void forward(Socket from, Socket to, boolean replies) {
            byte[] buffer = new byte[BUFFER_BYTES];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (replies && repliesToLose.compareAndSet(1, 0)) {
                        lostReplies.incrementAndGet();
                        break;
                    }
                    out.write(buffer, 0, read);
                }
            } catch (IOException e) {
                // the other side has ended
            }
            cut();
        }

        void cut() {
            links.remove(this);
            close(client);
            close(server);
        }

        private void close(Socket socket) {
            try {
                socket.close();
            } catch (IOException e) {
                // it is gone either way
            }
        }
    }
}
