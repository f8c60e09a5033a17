package io.forebay.testservers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network between a program and its PostgreSQL that fails on demand: at random moments for any protocol, and exactly
 * around COMMIT for PostgreSQL's. Each COMMIT mode acts on the next COMMIT, once. Thread-safe.
 */
public final class TcpProxy implements AutoCloseable {
    /** What happens to the next COMMIT. */
    enum CommitMode {
        DELIVER,
        DROP,
        LOSE_REPLY,
        HOLD
    }

    private static final Logger LOG = LoggerFactory.getLogger(TcpProxy.class);

    private final String host;
    private final int port;
    private final ServerSocket listener;
    private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicReference<CommitMode> commitMode = new AtomicReference<>(CommitMode.DELIVER);
    private final Gate toServer = new Gate();
    private final Gate toClient = new Gate();
    private final AtomicReference<@Nullable ProxiedConnection> holding = new AtomicReference<>();
    private volatile CountDownLatch caught = new CountDownLatch(0);
    private volatile boolean refusing;

    private TcpProxy(String host, int port) throws IOException {
        this.host = host;
        this.port = port;
        this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    /** Listens on a free port of the loopback address and forwards every connection to {@code host:port}. */
    public static TcpProxy to(String host, int port) {
        try {
            TcpProxy proxy = new TcpProxy(host, port);
            daemon("forebay-proxy-" + proxy.port(), proxy::accept);
            return proxy;
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
        connections.forEach(ProxiedConnection::cut);
    }

    /** While true, new connections are closed at once. */
    public void refuse(boolean refuse) {
        refusing = refuse;
    }

    /** Keeps back what clients send until {@link #release}. */
    public void holdToServer() {
        toServer.shut();
    }

    /** Keeps back what the server sends until {@link #release}. */
    public void holdToClient() {
        toClient.shut();
    }

    /** Lets both directions flow again. */
    public void release() {
        toServer.open();
        toClient.open();
    }

    /** The next COMMIT is not delivered, and its connection is cut on both sides. */
    public void dropCommit() {
        arm(CommitMode.DROP);
    }

    /** The next COMMIT is delivered; its reply is not, and the connection is cut. */
    public void loseCommitReply() {
        arm(CommitMode.LOSE_REPLY);
    }

    /**
     * The next COMMIT is kept back while the client's side is cut: the transaction stays open in the server until
     * {@link #releaseCommit}.
     */
    public void holdCommit() {
        arm(CommitMode.HOLD);
    }

    /** Delivers the COMMIT that was kept back. */
    public void releaseCommit() {
        ProxiedConnection connection = holding.getAndSet(null);
        if (connection == null) throw new IllegalStateException("no COMMIT is being held");
        connection.deliverHeld();
    }

    /** Waits until the armed COMMIT has come by. */
    public boolean awaitCommit(long timeout, TimeUnit unit) throws InterruptedException {
        return caught.await(timeout, unit);
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            cut();
            release();
        }
    }

    private void arm(CommitMode mode) {
        caught = new CountDownLatch(1);
        commitMode.set(mode);
    }

    /** Called when a COMMIT comes by: what to do with it. */
    CommitMode nextCommit(ProxiedConnection connection) {
        CommitMode mode = commitMode.getAndSet(CommitMode.DELIVER);
        if (mode == CommitMode.HOLD) holding.set(connection);
        return mode;
    }

    void commitCaught() {
        caught.countDown();
    }

    void forget(ProxiedConnection connection) {
        connections.remove(connection);
    }

    void awaitToServer() throws InterruptedException {
        toServer.await();
    }

    void awaitToClient() throws InterruptedException {
        toClient.await();
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                admit(listener.accept());
            } catch (IOException e) {
                LOG.debug("a connection ends before it began: closed, or the server is away", e);
            }
        }
    }

    private void admit(Socket client) throws IOException {
        if (refusing) {
            client.close();
            return;
        }
        try {
            ProxiedConnection connection = new ProxiedConnection(this, client, new Socket(host, port));
            connections.add(connection);
            daemon("forebay-proxy-to-server", connection::pumpToServer);
            daemon("forebay-proxy-to-client", connection::pumpToClient);
        } catch (IOException e) {
            client.close();
            throw e;
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Lets threads pass while it is open. */
    private static final class Gate {
        private boolean shut; // guarded by this

        synchronized void shut() {
            shut = true;
        }

        synchronized void open() {
            shut = false;
            notifyAll();
        }

        synchronized void await() throws InterruptedException {
            while (shut) wait();
        }
    }
}
