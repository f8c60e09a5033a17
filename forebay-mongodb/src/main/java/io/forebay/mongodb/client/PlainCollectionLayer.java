package io.forebay.mongodb.client;

import com.mongodb.client.MongoCollection;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Before a collection that is not buffered: straight through, but for what may reach into one that is, a join or the output of
 * an aggregation, and a rename.
 */
final class PlainCollectionLayer<T> extends Layer<MongoCollection<T>> {
    private final Buffer buffer;

    @SuppressWarnings("unchecked")
    PlainCollectionLayer(MongoCollection<T> delegate, Buffer buffer) {
        super((Class<MongoCollection<T>>) (Class<?>) MongoCollection.class, delegate);
        this.buffer = buffer;
    }

    @Override
    @Nullable
    Object answer(Call call) throws Throwable {
        if (Kind.of(MongoCollection.class, call.name()) == Kind.DERIVES)
            return new PlainCollectionLayer<>((MongoCollection<?>) Objects.requireNonNull(pass(call)), buffer).proxy();
        return switch (call.name()) {
            case "aggregate", "mapReduce" -> IterableLayer.over(call, pass(call), Pipelines.before(call, buffer));
            case "renameCollection" -> {
                buffer.flushBefore();
                yield pass(call);
            }
            default -> pass(call);
        };
    }
}
