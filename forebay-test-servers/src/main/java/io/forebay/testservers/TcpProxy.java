package io.forebay.testservers;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

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

    private final Links links;
    private final AtomicReference<CommitMode> commitMode = new AtomicReference<>(CommitMode.DELIVER);
    private final Gate toServer = new Gate();
    private final Gate toClient = new Gate();
    private final AtomicReference<@Nullable ProxiedConnection> holding = new AtomicReference<>();
    private volatile CountDownLatch caught = new CountDownLatch(0);

    private TcpProxy(String host, int port) {
        this.links = Links.to(host, port, (client, server) -> new ProxiedConnection(this, client, server));
    }

    /** Listens on a free port of the loopback address and forwards every connection to {@code host:port}. */
    public static TcpProxy to(String host, int port) {
        return new TcpProxy(host, port);
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
        links.close();
        release();
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

    void awaitToServer() throws InterruptedException {
        toServer.await();
    }

    void awaitToClient() throws InterruptedException {
        toClient.await();
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
