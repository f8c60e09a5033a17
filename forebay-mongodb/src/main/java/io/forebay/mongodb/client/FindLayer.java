package io.forebay.mongodb.client;

import com.mongodb.ServerAddress;
import com.mongodb.ServerCursor;
import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCursor;
import io.forebay.mongodb.document.BsonAlgebra;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.bson.BsonDocument;
import org.bson.BsonValue;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * Before a query: one by {@code _id} alone, for the whole document, is answered from the buffer and the server together; any
 * other flushes and goes through. Like the driver's own object not thread-safe.
 */
final class FindLayer extends Layer<FindIterable<?>> {
    /** Settings that change nothing for a query that finds one document or none. */
    static final Set<String> HARMLESS = Set.of(
            "sort",
            "limit",
            "batchSize",
            "maxTime",
            "comment",
            "noCursorTimeout",
            "partial",
            "allowDiskUse",
            "timeoutMode");

    private final BufferedCollection collection;
    private final Function<Bson, Optional<BsonValue>> idOf;
    private final Function<BsonDocument, ?> decoder;
    private final Runnable before;
    private @Nullable BsonValue id;
    private boolean whole = true;

    /**
     * @param idOf finds the {@code _id} of a filter that asks for nothing else
     * @param decoder makes what the caller asked for of a document
     */
    @SuppressWarnings("unchecked")
    FindLayer(
            FindIterable<?> delegate,
            BufferedCollection collection,
            Function<Bson, Optional<BsonValue>> idOf,
            Function<BsonDocument, ?> decoder) {
        super((Class<FindIterable<?>>) (Class<?>) FindIterable.class, delegate);
        this.collection = collection;
        this.idOf = idOf;
        this.decoder = decoder;
        this.before = collection.buffer()::flushBeforeRead;
    }

    FindLayer filter(@Nullable Bson filter) {
        id = filter == null ? null : idOf.apply(filter).orElse(null);
        return this;
    }

    @Override
    @Nullable
    Object answer(Call call) throws Throwable {
        if (IterableLayer.isSetting(call)) return set(call);
        BsonValue asked = id;
        if (asked != null && whole && collection.canBeBuffered()) {
            switch (call.name()) {
                case "first":
                    return found(asked).stream().findFirst().orElse(null);
                case "iterator", "cursor":
                    return new FoundCursor(found(asked));
                case "forEach":
                    found(asked).forEach(consumer(call));
                    return null;
                case "into":
                    return into(call, found(asked));
                default: // explained or split by the server
            }
        }
        before.run();
        return Fences.ask(call, delegate());
    }

    private @Nullable Object set(Call call) throws Throwable {
        Object result = pass(Fences.setting(call));
        if (call.name().equals("filter")) filter((Bson) call.argument(0));
        else if (!HARMLESS.contains(call.name())) whole = false;
        return result == delegate() ? proxy() : IterableLayer.over(call, result, before);
    }

    private List<Object> found(BsonValue asked) {
        List<Object> found = new ArrayList<>(1);
        collection.read(BsonAlgebra.key(asked)).map(decoder).ifPresent(found::add);
        return found;
    }

    @SuppressWarnings("unchecked") // the caller's own type
    private static Consumer<Object> consumer(Call call) {
        return (Consumer<Object>) Objects.requireNonNull(call.argument(0), "action");
    }

    @SuppressWarnings("unchecked")
    private static Collection<Object> into(Call call, List<Object> found) {
        Collection<Object> target = (Collection<Object>) Objects.requireNonNull(call.argument(0), "target");
        target.addAll(found);
        return target;
    }

    /** What was found, as a cursor that has no server. */
    static final class FoundCursor implements MongoCursor<Object> {
        private final Iterator<Object> found;

        FoundCursor(List<Object> found) {
            this.found = found.iterator();
        }

        @Override
        public void close() {}

        @Override
        public boolean hasNext() {
            return found.hasNext();
        }

        @Override
        public Object next() {
            return found.next();
        }

        @Override
        public int available() {
            return found.hasNext() ? 1 : 0;
        }

        @Override
        public @Nullable Object tryNext() {
            return found.hasNext() ? found.next() : null;
        }

        @Override
        public @Nullable ServerCursor getServerCursor() {
            return null;
        }

        @Override
        public ServerAddress getServerAddress() {
            return BufferedWrites.BUFFER;
        }
    }
}
