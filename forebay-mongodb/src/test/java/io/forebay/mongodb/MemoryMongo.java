package io.forebay.mongodb;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.ServerVersion;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.channel.Channel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A MongoDB in this process, for effects: mongo-java-server behind its real protocol. With transactions it keeps their
 * promises, one at a time: everybody else waits, an abort puts back what was there, a refused write ends it. And it fails at
 * the command it is told to fail at. Thread-safe.
 */
final class MemoryMongo implements FailingServer {
    private static final Set<String> OF_THE_PROTOCOL =
            Set.of("lsid", "txnNumber", "startTransaction", "autocommit", "$clusterTime", "readConcern");

    private static final int WIRE_VERSION = 13; // 5.0

    private final Backend backend;
    private final MongoServer server;
    private final String uri;

    MemoryMongo(boolean transactions) {
        this.backend = new Backend(transactions);
        backend.version(ServerVersion.MONGO_5_0);
        this.server = new MongoServer(backend);
        this.uri = server.bindAndGetConnectionString();
    }

    String uri() {
        return uri;
    }

    @Override
    public MongoClient client() {
        return client(command -> {});
    }

    /** The same; {@code beforeEach} hears the name of every command before it is sent, on the thread that sends it. */
    MongoClient client(Consumer<String> beforeEach) {
        CommandListener listener = new CommandListener() {
            @Override
            public void commandStarted(CommandStartedEvent event) {
                beforeEach.accept(event.getCommandName());
            }
        };
        return MongoClients.create(MongoClientSettings.builder()
                .applyConnectionString(new ConnectionString(uri))
                .addCommandListener(listener)
                .retryReads(false)
                .retryWrites(false)
                .build());
    }

    @Override
    public void failAt(int n, Failure failure) {
        backend.failure = failure;
        backend.countdown.set(n);
    }

    @Override
    public boolean failNoMore() {
        return backend.countdown.getAndSet(0) > 0;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private static final class Backend extends MemoryBackend {
        private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

        private final boolean transactions;
        private final AtomicInteger countdown = new AtomicInteger();
        private volatile Failure failure = Failure.REQUEST_LOST;

        // of the transaction under way; guarded by this
        private final Map<MongoCollection<?>, List<Document>> before = new LinkedHashMap<>();
        private @Nullable Object current; // its session

        Backend(boolean transactions) {
            this.transactions = transactions;
        }

        @Override
        public Document handleCommand(Channel channel, String database, String command, Document query) {
            Document reply = super.handleCommand(channel, database, command, query);
            return command.equalsIgnoreCase("isMaster") && transactions ? asReplicaSet(reply) : reply;
        }

        private static Document asReplicaSet(Document hello) {
            return hello.append("setName", "memory")
                    .append("logicalSessionTimeoutMinutes", 30)
                    .append("maxWireVersion", WIRE_VERSION);
        }

        @Override
        public Document handleMessage(MongoMessage message) {
            Document command = message.getDocument();
            String name = command.keySet().iterator().next();
            if (Set.of("hello", "isMaster", "ismaster", "ping", "endSessions").contains(name))
                return plain(message, name.equals("hello") && transactions ? "isMaster" : name);

            boolean counts = !SAFE.equals(command.get("$db"));
            boolean fails = counts && countdown.getAndUpdate(n -> Math.max(0, n - 1)) == 1;
            if (fails && failure == Failure.REQUEST_LOST) return lost();
            Document reply = done(message, command, name);
            return fails ? lost() : reply;
        }

        /** As a router answers that has waited for too long. A cut connection would say the same, and take half a second. */
        private static Document lost() {
            return new Document("ok", 0.0)
                    .append("code", 262)
                    .append("codeName", "ExceededTimeLimit")
                    .append("errmsg", "nobody knows what became of it");
        }

        private Document plain(MongoMessage message, String name) {
            if (name.equals("endSessions")) return new Document("ok", 1.0);
            Document stripped = new Document();
            message.getDocument().forEach((key, value) -> {
                if (!OF_THE_PROTOCOL.contains(key)) stripped.put(stripped.isEmpty() ? name : key, value);
            });
            Document reply = super.handleMessage(new MongoMessage(message.getChannel(), message.getHeader(), stripped));
            return name.equals("isMaster") && transactions ? asReplicaSet(reply) : reply;
        }

        /** A copy, because replies are written later, and may hold documents that others change meanwhile. */
        private synchronized Document done(MongoMessage message, Document command, String name) {
            return performed(message, command, name).cloneDeeply();
        }

        private Document performed(MongoMessage message, Document command, String name) {
            Object session = command.get("lsid");
            if (!Boolean.FALSE.equals(command.get("autocommit"))) {
                awaitEnd();
                return plain(message, name);
            }
            if (Boolean.TRUE.equals(command.get("startTransaction"))) {
                awaitEnd();
                current = session;
            }
            if (!session.equals(current)) return noSuchTransaction();
            return switch (name) {
                case "commitTransaction" -> ended(false);
                case "abortTransaction" -> ended(true);
                default -> inTransaction(message, command, name);
            };
        }

        private Document inTransaction(MongoMessage message, Document command, String name) {
            remember(command, name);
            Document reply = plain(message, name);
            if (reply.containsKey("writeErrors") || !Double.valueOf(1).equals(reply.get("ok"))) ended(true);
            return reply;
        }

        private static Document noSuchTransaction() {
            return new Document("ok", 0.0)
                    .append("code", 251)
                    .append("codeName", "NoSuchTransaction")
                    .append("errmsg", "the transaction is over")
                    .append("errorLabels", List.of("TransientTransactionError"));
        }

        /** A server ends a transaction that nobody goes on with; here after a moment, and only if others wait. */
        private void awaitEnd() {
            long deadline = System.nanoTime() + PATIENCE_NANOS;
            try {
                while (current != null) {
                    long left = deadline - System.nanoTime();
                    if (left <= 0) ended(true);
                    else TimeUnit.NANOSECONDS.timedWait(this, left);
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private Document ended(boolean aborted) {
            if (aborted) putBack();
            before.clear();
            current = null;
            notifyAll();
            return new Document("ok", 1.0);
        }

        private void remember(Document command, String name) {
            if (!Set.of("insert", "update", "delete", "findAndModify").contains(name)) return;
            MongoCollection<?> collection =
                    resolveDatabase((String) command.get("$db")).resolveCollection((String) command.get(name), false);
            if (collection == null) throw new IllegalStateException("make collection " + command.get(name) + " first");
            before.computeIfAbsent(
                    collection,
                    it -> new ArrayList<>(
                            it.queryAllAsStream().map(Document::cloneDeeply).toList()));
        }

        private void putBack() {
            before.forEach((collection, documents) -> {
                collection.deleteDocuments(new Document(), 0);
                collection.insertDocuments(documents);
            });
        }
    }
}
