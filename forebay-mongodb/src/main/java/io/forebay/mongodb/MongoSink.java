package io.forebay.mongodb;

import com.mongodb.ClientSessionOptions;
import com.mongodb.MongoException;
import com.mongodb.ReadConcern;
import com.mongodb.ReadPreference;
import com.mongodb.ServerAddress;
import com.mongodb.TransactionOptions;
import com.mongodb.WriteConcern;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoDatabase;
import io.forebay.mongodb.Watermarks.State;
import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.PendingRow;
import io.forebay.spi.Refused;
import io.forebay.spi.RowKey;
import io.forebay.spi.SchemaFaultException;
import io.forebay.spi.Sink;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.bson.BsonInvalidOperationException;
import org.jspecify.annotations.Nullable;

/**
 * Applies batches to a MongoDB database: in a transaction each, or, where the server has none, by an intent and a fence in
 * every document. Collections are tables whose rows are documents:
 *
 * <pre>{@code
 * Forebay.builder().database("shop", MongoSink.of(client, "shop")).journal(path).build();
 * }</pre>
 *
 * <p>Forebay keeps its own collections in the same database, {@code forebay_database}, {@code forebay_watermark},
 * {@code forebay_dead_letter} and, without transactions, {@code forebay_intent}. Everything is written with write concern
 * majority, journaled, and read from the primary, whatever the client's defaults. Thread-safe.
 */
public final class MongoSink implements Sink {
    /** The field that documents have where there are no transactions; reads through Forebay do not show it. */
    public static final String FENCE_FIELD = Fence.FIELD;

    private static final WriteConcern DURABLE = WriteConcern.MAJORITY.withJournal(true);

    private final MongoClient client;
    private final MongoDatabase database;
    private final MongoDatabase inTransactions; // a transaction has its own concerns, and its own timeout
    private final Duration timeout;
    private final Transactions transactions;
    private final Set<String> made = ConcurrentHashMap.newKeySet(); // collections that are there
    private final Map<Slot, AtomicBoolean> aborted = new ConcurrentHashMap<>();
    private volatile @Nullable Server server;

    /** Whose batch is being applied. */
    private record Slot(UUID journal, int partition) {}

    private MongoSink(Builder builder) {
        this.client = builder.client;
        this.inTransactions = builder.client.getDatabase(builder.database);
        this.database = inTransactions
                .withTimeout(builder.timeout.toMillis(), TimeUnit.MILLISECONDS)
                .withReadPreference(ReadPreference.primary())
                .withReadConcern(ReadConcern.MAJORITY)
                .withWriteConcern(DURABLE);
        this.timeout = builder.timeout;
        this.transactions = builder.transactions;
    }

    /** A sink for a database of the client, with the defaults. The client stays open when the sink is closed. */
    public static MongoSink of(MongoClient client, String database) {
        return builder(client, database).build();
    }

    /** Begins the settings of a sink for a database of the client, which stays open when the sink is closed. */
    public static Builder builder(MongoClient client, String database) {
        return new Builder(client, database);
    }

    /** As durable as everything of Forebay. */
    MongoDatabase database() {
        return database;
    }

    /** {@code mongodb://host:port,host:port/database}, as the client was told. */
    @Override
    public String description() {
        return client.getClusterDescription().getClusterSettings().getHosts().stream()
                .map(ServerAddress::toString)
                .collect(Collectors.joining(",", "mongodb://", "/" + database.getName()));
    }

    /**
     * {@inheritDoc}
     *
     * @throws SchemaFaultException if transactions are required and the server has none
     */
    @Override
    public UUID attach(UUID journal, int partitions, @Nullable UUID expected) {
        return run("attaching journal " + journal, () -> {
            usesTransactions();
            new DeadLetters(database).createIndex();
            return new Attachment(database).attach(journal, partitions, expected);
        });
    }

    /** {@inheritDoc} A collection that does not exist is made by the first flush. */
    @Override
    public TableInfo describe(String table) {
        return run("describing collection " + table, () -> Collections.describe(database, table));
    }

    /** {@inheritDoc} Finishes a batch that the previous owner has left half written. */
    @Override
    public Watermark own(UUID journal, int partition) {
        return run("taking partition " + partition, () -> {
            Watermarks watermarks = new Watermarks(database);
            State state = watermarks.take(journal, partition);
            long epoch = state.watermark().epoch();
            Intents intents = new Intents(database);
            intents.deleteOlder(journal, partition, epoch, state.intent());
            if (state.intent() == null) return state.watermark();

            Batch begun = intents.get(journal, partition, state.intent(), epoch);
            checked(begun, checkpoint -> {
                new FencedFlush(database, server(), begun, checkpoint).finish();
                return begun;
            });
            return watermarks.read(journal, partition).watermark();
        });
    }

    /**
     * {@inheritDoc}
     *
     * @throws SchemaFaultException also if it has rows without a key, which no document is
     */
    @Override
    public BatchResult apply(Batch batch) {
        if (!batch.appends().isEmpty())
            throw new SchemaFaultException(
                    "batch %s has %d rows without a key, the first for %s: documents have one"
                            .formatted(
                                    batch.id(),
                                    batch.appends().size(),
                                    batch.appends().get(0).table()),
                    null);
        return run("applying batch " + batch.id() + " of partition " + batch.partition(), () -> {
            boolean inTransaction = usesTransactions();
            if (inTransaction) makeCollections(batch);
            return checked(
                    batch,
                    checkpoint -> inTransaction
                            ? new TransactionFlush(
                                            database, inTransactions, server(), this::transaction, batch, checkpoint)
                                    .run()
                            : new FencedFlush(database, server(), batch, checkpoint).run());
        });
    }

    private void makeCollections(Batch batch) {
        for (PendingRow row : batch.rows()) {
            String name = row.key().table();
            if (made.contains(name)) continue;
            Collections.make(database, name);
            made.add(name);
        }
    }

    private interface Work<T> {
        T with(Runnable checkpoint);
    }

    private <T> T checked(Batch batch, Work<T> work) {
        Slot slot = new Slot(batch.journal(), batch.partition());
        AtomicBoolean stop = new AtomicBoolean();
        aborted.put(slot, stop);
        try {
            return work.with(() -> {
                if (stop.get()) throw new TransientSinkException("the flush was aborted", null);
            });
        } finally {
            aborted.remove(slot, stop);
        }
    }

    @Override
    public BaseRow read(UUID journal, int partition, TableInfo table, RowKey key) {
        return run("reading a document of " + table.name(), () -> {
            return usesTransactions()
                    ? new Reads(inTransactions, timeout).inTransaction(this::transaction, journal, partition, key)
                    : new Reads(database, timeout).betweenWatermarks(journal, partition, key);
        });
    }

    @Override
    public List<Watermark> watermarks(UUID journal) {
        return run(
                "reading the watermarks",
                () -> new Watermarks(database)
                        .all(journal).stream().map(State::watermark).toList());
    }

    @Override
    public List<Refused> refused(UUID journal, int partition, long above) {
        return run("reading the dead letters", () -> new DeadLetters(database).above(journal, partition, above));
    }

    /** {@inheritDoc} It ends before its next command; the one under way ends within the timeout. */
    @Override
    public void abort(UUID journal, int partition) {
        AtomicBoolean stop = aborted.get(new Slot(journal, partition));
        if (stop != null) stop.set(true);
    }

    /** The client was handed in and stays open. */
    @Override
    public void close() {}

    private boolean usesTransactions() {
        return server().uses(transactions);
    }

    private Server server() {
        Server known = server;
        if (known != null) return known;
        known = Server.ask(database);
        server = known;
        return known;
    }

    private ClientSession transaction() {
        ClientSession session = client.startSession(
                ClientSessionOptions.builder().causallyConsistent(false).build());
        session.startTransaction(TransactionOptions.builder()
                .readConcern(ReadConcern.SNAPSHOT)
                .readPreference(ReadPreference.primary())
                .writeConcern(DURABLE)
                .timeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .build());
        return session;
    }

    /** Does something with the client, with its errors translated. */
    static <T> T run(String doing, Supplier<T> work) {
        try {
            return work.get();
        } catch (MongoException e) {
            throw Errors.translate(doing, e);
        } catch (BsonInvalidOperationException e) {
            throw new TransientSinkException(doing + ": the server's reply is not complete: " + e.getMessage(), e);
        } catch (IllegalStateException e) {
            throw new TransientSinkException(doing + ": is the client closed? " + e.getMessage(), e);
        }
    }

    /** Settings of a sink. Not thread-safe. */
    public static final class Builder {
        private final MongoClient client;
        private final String database;
        private Transactions transactions = Transactions.WHERE_POSSIBLE;
        private Duration timeout = Duration.ofSeconds(60);

        private Builder(MongoClient client, String database) {
            this.client = client;
            this.database = database;
        }

        /** Whether batches are flushed in transactions; default {@link Transactions#WHERE_POSSIBLE}. */
        public Builder transactions(Transactions asked) {
            transactions = asked;
            return this;
        }

        /**
         * How long one command, or one transaction, may take, the choice of a server included, and a read wait for a document
         * that is in the middle of its writes; at least 1 ms, default 60 s.
         */
        public Builder timeout(Duration longest) {
            if (longest.toMillis() < 1)
                throw new IllegalArgumentException("timeout must be at least 1 ms, was " + longest);
            timeout = longest;
            return this;
        }

        /**
         * The sink. Nothing is asked of the server yet.
         *
         * @throws IllegalArgumentException if no database can have that name
         */
        public MongoSink build() {
            return new MongoSink(this);
        }
    }
}
