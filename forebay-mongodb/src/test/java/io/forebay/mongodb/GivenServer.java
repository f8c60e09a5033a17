package io.forebay.mongodb;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.ServerAddress;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.connection.ClusterConnectionMode;
import io.forebay.testservers.Link;
import io.forebay.testservers.Links;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
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
    private final Links links;
    private final AtomicInteger countdown = new AtomicInteger();
    private volatile Failure failure = Failure.REQUEST_LOST;

    GivenServer(String uri) {
        this.uri = new ConnectionString(uri);
        ServerAddress server = new ServerAddress(this.uri.getHosts().get(0));
        this.links = Links.to(server.getHost(), server.getPort(), Watched::new);
    }

    @Override
    public MongoClient client() {
        ServerAddress here = new ServerAddress("127.0.0.1", links.port());
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
        links.close();
    }

    private final class Watched extends Link {
        private volatile int lostReply; // to the request of that number; they begin at 1

        private Watched(Socket client, Socket server) {
            super(client, server);
        }

        @Override
        protected void toServer() throws IOException {
            messages(client(), server(), message -> {
                if (!countsDown(message)) return true;
                lostReply = number(message, 4);
                return failure == Failure.REPLY_LOST;
            });
        }

        @Override
        protected void toClient() throws IOException {
            messages(server(), client(), message -> lostReply == 0 || number(message, 8) != lostReply);
        }

        private void messages(Socket from, Socket to, Predicate<byte[]> passes) throws IOException {
            DataInputStream in = new DataInputStream(from.getInputStream());
            OutputStream out = to.getOutputStream();
            for (byte[] message = next(in); passes.test(message); message = next(in)) out.write(message);
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
    }
}
