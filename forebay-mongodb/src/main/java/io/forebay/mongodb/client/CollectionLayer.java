package io.forebay.mongodb.client;

import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.DeleteOptions;
import com.mongodb.client.model.InsertManyOptions;
import com.mongodb.client.model.InsertOneModel;
import com.mongodb.client.model.InsertOneOptions;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.WriteModel;
import com.mongodb.client.result.DeleteResult;
import com.mongodb.client.result.UpdateResult;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.bson.BsonDocument;
import org.bson.BsonDocumentReader;
import org.bson.codecs.Codec;
import org.bson.codecs.DecoderContext;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/** Before a collection that is buffered. Thread-safe. */
final class CollectionLayer<T> extends Layer<MongoCollection<T>> {
    private final BufferedCollection collection;
    private final Buffer buffer;
    private final Translator<T> translator;

    @SuppressWarnings("unchecked")
    CollectionLayer(MongoCollection<T> delegate, BufferedCollection collection) {
        super((Class<MongoCollection<T>>) (Class<?>) MongoCollection.class, delegate);
        this.collection = collection;
        this.buffer = collection.buffer();
        this.translator = new Translator<>(delegate, buffer.options(), Clock.systemUTC());
    }

    @Override
    @Nullable
    Object answer(Call call) throws Throwable {
        Kind kind = Kind.of(MongoCollection.class, call.name());
        if (call.isInSession() && kind != Kind.ITERATES && kind != Kind.FINDS) return through(call);
        return switch (kind) {
            case LOCAL -> pass(call);
            case DERIVES ->
                new CollectionLayer<>((MongoCollection<?>) Objects.requireNonNull(pass(call)), collection).proxy();
            case BUFFERS -> write(call);
            case FINDS -> find(call);
            case ITERATES -> IterableLayer.over(call, pass(call), Pipelines.before(call, buffer));
            case READS -> {
                buffer.flushBeforeRead();
                yield pass(call);
            }
            default -> through(call);
        };
    }

    private @Nullable Object through(Call call) throws Throwable {
        buffer.flushBefore();
        return Fences.hide(pass(call));
    }

    private @Nullable Object write(Call call) throws Throwable {
        Optional<List<BufferedWrite>> writes = models(call).flatMap(translator::writes);
        if (writes.isEmpty() || !collection.canBeBuffered()) return through(call);

        boolean acknowledged = delegate().getWriteConcern().isAcknowledged();
        BufferedWrites taken = new BufferedWrites(writes.get());
        taken.handTo(collection, isOrdered(call), acknowledged, call.name().equals("insertOne"));
        return result(call, taken, acknowledged);
    }

    /** The call as write models; empty if one of its arguments is for the server. */
    @SuppressWarnings("unchecked") // the arguments have the types of the driver's methods
    private Optional<List<? extends WriteModel<? extends T>>> models(Call call) {
        Object first = call.argument(0);
        if (first == null || bypassesValidation(call)) return Optional.empty();
        Object second = call.argument(1);
        return switch (call.name()) {
            case "insertOne" -> Optional.of(List.of(new InsertOneModel<>((T) first)));
            case "insertMany" ->
                several(((List<? extends T>) first)
                        .stream().map(InsertOneModel<T>::new).toList());
            case "replaceOne" ->
                Optional.of(List.of(new ReplaceOneModel<>(
                        (Bson) first, (T) second, or(call, ReplaceOptions.class, new ReplaceOptions()))));
            case "updateOne" ->
                second instanceof Bson update
                        ? Optional.of(List.of(new UpdateOneModel<>(
                                (Bson) first, update, or(call, UpdateOptions.class, new UpdateOptions()))))
                        : Optional.empty();
            case "deleteOne" ->
                Optional.of(List.of(
                        new DeleteOneModel<>((Bson) first, or(call, DeleteOptions.class, new DeleteOptions()))));
            default -> several((List<? extends WriteModel<? extends T>>) first);
        };
    }

    private Optional<List<? extends WriteModel<? extends T>>> several(List<? extends WriteModel<? extends T>> models) {
        return models.isEmpty() ? Optional.empty() : Optional.of(models);
    }

    private static <O> O or(Call call, Class<O> type, O otherwise) {
        O given = call.argument(type);
        return given != null ? given : otherwise;
    }

    private static boolean bypassesValidation(Call call) {
        InsertOneOptions one = call.argument(InsertOneOptions.class);
        InsertManyOptions many = call.argument(InsertManyOptions.class);
        BulkWriteOptions bulk = call.argument(BulkWriteOptions.class);
        return one != null && one.getBypassDocumentValidation() != null
                || many != null && many.getBypassDocumentValidation() != null
                || bulk != null && (bulk.getBypassDocumentValidation() != null || bulk.getLet() != null);
    }

    private static boolean isOrdered(Call call) {
        InsertManyOptions many = call.argument(InsertManyOptions.class);
        BulkWriteOptions bulk = call.argument(BulkWriteOptions.class);
        return (many == null || many.isOrdered()) && (bulk == null || bulk.isOrdered());
    }

    private static Object result(Call call, BufferedWrites taken, boolean acknowledged) {
        return switch (call.name()) {
            case "insertOne" -> taken.insertOneResult(acknowledged);
            case "insertMany" -> taken.insertManyResult(acknowledged);
            case "deleteOne" -> DeleteResult.unacknowledged();
            case "bulkWrite" -> taken.bulkResult(acknowledged);
            default -> UpdateResult.unacknowledged();
        };
    }

    private @Nullable Object find(Call call) throws Throwable {
        FindIterable<?> found = (FindIterable<?>) Objects.requireNonNull(pass(call));
        if (call.isInSession()) return IterableLayer.over(call, found, buffer::flushBefore);
        if (buffer.options().reads() == ReadPolicy.UNBUFFERED)
            return IterableLayer.over(call, found, buffer::flushBeforeRead);
        return new FindLayer(found, collection, translator::id, decoder(call))
                .filter(call.argument(Bson.class))
                .proxy();
    }

    private Function<BsonDocument, ?> decoder(Call call) {
        Class<?> given = call.argument(Class.class);
        Class<?> asked = given != null ? given : delegate().getDocumentClass();
        Codec<?> codec = delegate().getCodecRegistry().get(asked);
        return document -> codec.decode(
                new BsonDocumentReader(document), DecoderContext.builder().build());
    }
}
