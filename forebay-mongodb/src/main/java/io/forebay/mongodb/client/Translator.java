package io.forebay.mongodb.client;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.DeleteOneModel;
import com.mongodb.client.model.DeleteOptions;
import com.mongodb.client.model.InsertOneModel;
import com.mongodb.client.model.ReplaceOneModel;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.UpdateOptions;
import com.mongodb.client.model.WriteModel;
import io.forebay.mongodb.document.BsonAlgebra;
import io.forebay.spi.Bytes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bson.BsonDocument;
import org.bson.BsonDocumentWriter;
import org.bson.BsonObjectId;
import org.bson.BsonValue;
import org.bson.codecs.Codec;
import org.bson.codecs.CollectibleCodec;
import org.bson.codecs.EncoderContext;
import org.bson.conversions.Bson;
import org.bson.types.ObjectId;
import org.jspecify.annotations.Nullable;

/** Turns the driver's write models into writes that the buffer can take, with the codecs of their collection. */
final class Translator<T> {
    private static final String ID = "_id";

    private final MongoCollection<T> collection;
    private final BufferedMongoOptions options;
    private final Clock clock;

    Translator(MongoCollection<T> collection, BufferedMongoOptions options, Clock clock) {
        this.collection = collection;
        this.options = options;
        this.clock = clock;
    }

    /** All of them, in their order; empty if one of them has to go through. A document without {@code _id} is given one. */
    Optional<List<BufferedWrite>> writes(List<? extends WriteModel<? extends T>> models) {
        List<BufferedWrite> writes = new ArrayList<>(models.size());
        for (WriteModel<? extends T> model : models) {
            Optional<? extends BufferedWrite> write = write(model);
            if (write.isEmpty()) return Optional.empty();
            writes.add(write.get());
        }
        return Optional.of(writes);
    }

    private Optional<? extends BufferedWrite> write(WriteModel<? extends T> model) {
        if (model instanceof InsertOneModel<? extends T> insert) return insert(insert.getDocument());
        if (options.exactResults()) return Optional.empty();
        if (model instanceof UpdateOneModel<? extends T> update) return update(update);
        if (model instanceof ReplaceOneModel<? extends T> replace) return replace(replace);
        if (model instanceof DeleteOneModel<? extends T> delete) return delete(delete);
        return Optional.empty();
    }

    private Optional<BufferedWrite.Insert> insert(T document) {
        if (hasId(document) && !options.ownIds()) return Optional.empty();
        BsonDocument encoded = encode(withId(document), true);
        if (!encoded.containsKey(ID)) encoded.append(ID, new BsonObjectId(new ObjectId()));
        BsonValue id = encoded.get(ID);
        if (id == null || !BsonAlgebra.isKey(id) || !BsonAlgebra.isStorable(encoded)) return Optional.empty();
        return Optional.of(new BufferedWrite.Insert(BsonAlgebra.key(id), id, BsonAlgebra.document(encoded)));
    }

    private boolean hasId(T document) {
        Codec<T> codec = codec();
        if (codec instanceof CollectibleCodec<T> collectible) return collectible.documentHasId(document);
        return encode(document, false).containsKey(ID);
    }

    private T withId(T document) {
        return codec() instanceof CollectibleCodec<T> collectible
                ? collectible.generateIdIfAbsentFromDocument(document)
                : document;
    }

    private Codec<T> codec() {
        return collection.getCodecRegistry().get(collection.getDocumentClass());
    }

    /** @param isNew whether a codec that can is to make an {@code _id} where there is none */
    private BsonDocument encode(T document, boolean isNew) {
        BsonDocument encoded = new BsonDocument();
        EncoderContext context =
                EncoderContext.builder().isEncodingCollectibleDocument(isNew).build();
        codec().encode(new BsonDocumentWriter(encoded), document, context);
        return encoded;
    }

    private Optional<BufferedWrite> update(UpdateOneModel<? extends T> model) {
        Bson update = model.getUpdate();
        UpdateOptions given = model.getOptions();
        if (update == null || !isPlain(given)) return Optional.empty();
        return id(model.getFilter())
                .flatMap(id -> BsonAlgebra.operations(id, rendered(update), given.isUpsert(), clock.instant())
                        .map(operations ->
                                new BufferedWrite.Update(BsonAlgebra.key(id), operations, given.isUpsert())));
    }

    private static boolean isPlain(UpdateOptions given) {
        return allAbsent(
                given.getBypassDocumentValidation(),
                given.getCollation(),
                given.getArrayFilters(),
                given.getHint(),
                given.getHintString(),
                given.getLet(),
                given.getSort());
    }

    private Optional<BufferedWrite> replace(ReplaceOneModel<? extends T> model) {
        if (!isPlain(model.getReplaceOptions())) return Optional.empty();
        return id(model.getFilter())
                .flatMap(id -> replacement(id, model.getReplacement())
                        .map(document -> new BufferedWrite.Replace(
                                BsonAlgebra.key(id),
                                document,
                                model.getReplaceOptions().isUpsert())));
    }

    private static boolean isPlain(ReplaceOptions given) {
        return allAbsent(
                given.getBypassDocumentValidation(),
                given.getCollation(),
                given.getHint(),
                given.getHintString(),
                given.getLet(),
                given.getSort());
    }

    /** The new document; empty if it has another {@code _id} than the one it replaces, which the server refuses. */
    private Optional<Bytes> replacement(BsonValue id, T document) {
        BsonDocument encoded = encode(document, false);
        BsonValue own = encoded.get(ID);
        boolean fits =
                own == null || BsonAlgebra.isKey(own) && BsonAlgebra.key(own).equals(BsonAlgebra.key(id));
        if (!fits || !BsonAlgebra.isStorable(encoded)) return Optional.empty();
        encoded.put(ID, id);
        return Optional.of(BsonAlgebra.document(encoded));
    }

    private Optional<BufferedWrite> delete(DeleteOneModel<? extends T> model) {
        DeleteOptions given = model.getOptions();
        if (!allAbsent(given.getCollation(), given.getHint(), given.getHintString(), given.getLet()))
            return Optional.empty();
        return id(model.getFilter()).map(id -> new BufferedWrite.Delete(BsonAlgebra.key(id)));
    }

    private static boolean allAbsent(@Nullable Object... settings) {
        for (Object setting : settings) if (setting != null) return false;
        return true;
    }

    /** The {@code _id} of a filter that asks for nothing else. */
    Optional<BsonValue> id(Bson filter) {
        return Filters.id(rendered(filter));
    }

    private BsonDocument rendered(Bson bson) {
        return bson.toBsonDocument(collection.getDocumentClass(), collection.getCodecRegistry());
    }
}
