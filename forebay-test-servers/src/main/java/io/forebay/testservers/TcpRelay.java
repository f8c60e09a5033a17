package io.forebay.testservers;

import java.io.IOException;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A network between a program and a server of any protocol that fails on demand: it forwards bytes, and knows nothing of
 * what they mean. See {@link TcpProxy} for one that knows PostgreSQL's. Thread-safe.
 */
public final class TcpRelay implements AutoCloseable {
    private final Links links;
    private final AtomicInteger repliesToLose = new AtomicInteger();
    private final AtomicInteger lostReplies = new AtomicInteger();

    private TcpRelay(String host, int port) {
        this.links = Links.to(host, port, Relayed::new);
    }

    /** Listens on a free port of the loopback address and forwards every connection to {@code host:port}. */
    public static TcpRelay to(String host, int port) {
        return new TcpRelay(host, port);
    }

    /** The port to connect to. */
    public int port() {
        return links.port();
    }

    /** Cuts every connection; new ones are taken. */
    public void cut() {
        links.cut();
    }

    /** While true, new connections are closed at once. */
    public void refuse(boolean refuse) {
        links.refuse(refuse);
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
        links.close();
    }

    private final class Relayed extends Link {
        private Relayed(Socket client, Socket server) {
            super(client, server);
        }

        @Override
        protected void toServer() throws IOException, InterruptedException {
            forward(client(), server(), bytes -> bytes);
        }

        @Override
        protected void toClient() throws IOException, InterruptedException {
            if (forward(server(), client(), bytes -> repliesToLose.compareAndSet(1, 0) ? 0 : bytes))
                lostReplies.incrementAndGet();
        }
    }
}
