package io.forebay.mongodb.client;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import java.util.Objects;
import java.util.Set;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/** Before a database. Thread-safe. */
final class DatabaseLayer extends Layer<MongoDatabase> {
    /** Commands that neither read nor change documents: health checks must not wait for a flush. */
    private static final Set<String> HARMLESS = Set.of(
            "ping", "hello", "isMaster", "ismaster", "buildInfo", "buildinfo", "connectionStatus", "serverStatus");

    private final Buffer buffer;

    DatabaseLayer(MongoDatabase delegate, Buffer buffer) {
        super(MongoDatabase.class, delegate);
        this.buffer = buffer;
    }

    @Override
    @Nullable
    Object answer(Call call) throws Throwable {
        return switch (Kind.of(MongoDatabase.class, call.name())) {
            case LOCAL -> pass(call);
            case DERIVES -> new DatabaseLayer((MongoDatabase) Objects.requireNonNull(pass(call)), buffer).proxy();
            case OPENS -> collection((MongoCollection<?>) Objects.requireNonNull(pass(call)));
            case ITERATES -> IterableLayer.over(call, pass(call), Pipelines.before(call, buffer));
            case COMMANDS -> isHarmless(call) ? pass(call) : through(call);
            default -> through(call);
        };
    }

    private MongoCollection<?> collection(MongoCollection<?> opened) {
        return buffer.collection(opened.getNamespace())
                .<MongoCollection<?>>map(buffered -> new CollectionLayer<>(opened, buffered).proxy())
                .orElseGet(() -> new PlainCollectionLayer<>(opened, buffer).proxy());
    }

    private static boolean isHarmless(Call call) {
        Bson command = call.argument(Bson.class);
        return command != null && HARMLESS.contains(command.toBsonDocument().getFirstKey());
    }

    private @Nullable Object through(Call call) throws Throwable {
        buffer.flushBefore();
        return pass(call);
    }
}
