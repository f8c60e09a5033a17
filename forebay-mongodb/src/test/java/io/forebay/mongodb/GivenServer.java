package io.forebay.mongodb;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.ServerAddress;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.connection.ClusterConnectionMode;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.bson.RawBsonDocument;

/**
 * A network to the server of a URI that knows MongoDB's messages: it cuts the connection before the command it is told to fail at,
 * or before that command's reply.
 */
final class GivenServer implements FailingServer {
    private static final int HEADER_BYTES = 16;
    private static final int MESSAGE = 2013;
    private static final int COMMAND_AT = HEADER_BYTES + 5; // behind the flags and the kind of section
    private static final Set<String> OF_CONNECTING =
            Set.of("hello", "isMaster", "ismaster", "ping", "saslStart", "saslContinue", "endSessions");

    private final ConnectionString uri;
    private final ServerAddress server;
    private final ServerSocket listener;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger countdown = new AtomicInteger();
    private volatile Failure failure = Failure.REQUEST_LOST;

    GivenServer(String uri) {
        this.uri = new ConnectionString(uri);
        this.server = new ServerAddress(this.uri.getHosts().get(0));
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon(this::accept);
    }

    @Override
    public MongoClient client() {
        ServerAddress here = new ServerAddress("127.0.0.1", listener.getLocalPort());
        return MongoClients.create(MongoClientSettings.builder()
                .applyConnectionString(uri)
                .applyToClusterSettings(cluster -> cluster.hosts(List.of(here))
                        .mode(ClusterConnectionMode.SINGLE)
                        .requiredReplicaSetName(null))
                .applyToServerSettings(monitor -> monitor.minHeartbeatFrequency(10, TimeUnit.MILLISECONDS)
                        .heartbeatFrequency(100, TimeUnit.MILLISECONDS))
                .retryReads(false)
                .retryWrites(false)
                .build());
    }

    @Override
    public void failAt(int n, Failure asked) {
        failure = asked;
        countdown.set(n);
    }

    @Override
    public boolean failNoMore() {
        return countdown.getAndSet(0) > 0;
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            links.forEach(Link::cut);
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket client = listener.accept();
                Link link = new Link(client, new Socket(server.getHost(), server.getPort()));
                links.add(link);
                daemon(link::toServer);
                daemon(link::toClient);
            } catch (IOException e) {
                // closed, or the server is away: the client sees its end of it
            }
        }
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "forebay-given-server");
        thread.setDaemon(true);
        thread.start();
    }

    /** One connection, both ways. */
    private final class Link {
        private final Socket client;
        private final Socket server;
        private volatile int lostReply; // to the request of that number; they begin at 1

        Link(Socket client, Socket server) {
            this.client = client;
            this.server = server;
        }

        void toServer() {
            forward(client, server, message -> {
                if (!countsDown(message)) return true;
                lostReply = number(message, 4);
                return failure == Failure.REPLY_LOST;
            });
        }

        void toClient() {
            forward(server, client, message -> lostReply == 0 || number(message, 8) != lostReply);
        }

        private void forward(Socket from, Socket to, Filter filter) {
            try {
                DataInputStream in = new DataInputStream(from.getInputStream());
                OutputStream out = to.getOutputStream();
                for (byte[] message = next(in); filter.passes(message); message = next(in)) out.write(message);
            } catch (IOException e) {
                // the other side has ended
            }
            cut();
        }

        private byte[] next(DataInputStream in) throws IOException {
            int length = Integer.reverseBytes(in.readInt());
            byte[] message = new byte[length];
            ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).putInt(length);
            in.readFully(message, Integer.BYTES, length - Integer.BYTES);
            return message;
        }

        /** Whether the message is the command to fail at. */
        private boolean countsDown(byte[] message) {
            if (number(message, 12) != MESSAGE) return false;
            RawBsonDocument command = new RawBsonDocument(message, COMMAND_AT, number(message, COMMAND_AT));
            if (OF_CONNECTING.contains(command.getFirstKey())) return false;
            if (command.getString("$db").getValue().equals(SAFE)) return false;
            return countdown.getAndUpdate(n -> Math.max(0, n - 1)) == 1;
        }

        private static int number(byte[] message, int at) {
            return ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN).getInt(at);
        }

        void cut() {
            links.remove(this);
            for (Socket socket : List.of(client, server)) {
                try {
                    socket.close();
                } catch (IOException e) {
                    // it is gone either way
                }
            }
        }
    }

    private interface Filter {
        boolean passes(byte[] message);
    }
}
