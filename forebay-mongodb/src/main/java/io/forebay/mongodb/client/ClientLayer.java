package io.forebay.mongodb.client;

import com.mongodb.MongoNamespace;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCluster;
import com.mongodb.client.MongoDatabase;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Before a client, or what a client gives with other settings. Thread-safe. */
final class ClientLayer extends Layer<MongoCluster> {
    static final Set<String> OWN = Set.of("flush", "flushAndWait", "stats", "resetStats", "forebay");

    private final Buffer buffer;

    ClientLayer(Class<? extends MongoCluster> type, MongoCluster delegate, Buffer buffer) {
        super(type, delegate);
        this.buffer = buffer;
    }

    @Override
    @Nullable
    Object answer(Call call) throws Throwable {
        if (OWN.contains(call.name())) return own(call);
        return switch (Kind.of(MongoCluster.class, call.name())) {
            case LOCAL -> pass(call);
            case DERIVES ->
                new ClientLayer(MongoCluster.class, (MongoCluster) Objects.requireNonNull(pass(call)), buffer).proxy();
            case OPENS -> new DatabaseLayer((MongoDatabase) Objects.requireNonNull(pass(call)), buffer).proxy();
            case ITERATES -> IterableLayer.over(call, pass(call), Pipelines.before(call, buffer));
            case CLOSES -> {
                close();
                yield null;
            }
            default -> {
                buffer.flushBefore();
                yield pass(call);
            }
        };
    }

    /** What {@link BufferedMongoClient} adds to the driver's client. */
    private @Nullable Object own(Call call) {
        MongoNamespace collection = call.argument(MongoNamespace.class);
        switch (call.name()) {
            case "flushAndWait" -> {
                if (collection == null) buffer.flushAndWait();
                else buffer.flushAndWait(collection);
            }
            case "resetStats" -> buffer.resetStats();
            case "flush" -> {
                return buffer.flush();
            }
            case "stats" -> {
                return buffer.stats();
            }
            default -> {
                return buffer.forebay();
            }
        }
        return null;
    }

    private void close() {
        try {
            buffer.close();
        } finally {
            ((MongoClient) delegate()).close();
        }
    }
}
