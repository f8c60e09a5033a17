package io.forebay.mongodb.client;

import com.mongodb.Function;
import com.mongodb.ServerAddress;
import com.mongodb.ServerCursor;
import com.mongodb.client.MongoCursor;
import io.forebay.mongodb.MongoSink;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Hides from callers what Forebay keeps in documents where the server has no transactions. Documents are maps to the driver
 * ({@code Document}, {@code BsonDocument}); codecs of the caller's own classes pass over fields they do not know.
 */
final class Fences {
    private Fences() {}

    /** A document without its fence; anything else as it is. */
    static @Nullable Object hide(@Nullable Object value) {
        return value == null ? null : hidden(value);
    }

    private static <T> T hidden(T value) {
        if (value instanceof Map<?, ?> document && document.containsKey(MongoSink.FENCE_FIELD))
            document.remove(MongoSink.FENCE_FIELD);
        return value;
    }

    /** The call that gives an iterable again; a function over its results gets them without fences. */
    @SuppressWarnings("unchecked") // the argument has the type of the driver's method
    static Call setting(Call call) {
        if (!(call.argument(0) instanceof Function<?, ?> given)) return call;
        Function<Object, Object> function = (Function<Object, Object>) given;
        return call.with((Function<Object, Object>) value -> function.apply(hidden(value)));
    }

    /** Asks an iterable of the driver for its results, without fences. */
    @SuppressWarnings("unchecked") // the arguments have the types of the driver's methods
    static @Nullable Object ask(Call call, Object iterable) throws Throwable {
        Object only = call.argument(0);
        switch (call.name()) {
            case "iterator", "cursor":
                return new HidingCursor<>((MongoCursor<Object>) Objects.requireNonNull(call.on(iterable)));
            case "forEach":
                if (!(only instanceof Consumer<?>)) return call.on(iterable);
                Consumer<Object> action = (Consumer<Object>) only;
                return call.with((Consumer<Object>) value -> action.accept(hidden(value)))
                        .on(iterable);
            case "into":
                if (only == null) return call.on(iterable);
                List<Object> found = new ArrayList<>();
                call.with(found).on(iterable);
                found.forEach(value -> ((Collection<Object>) only).add(hidden(value)));
                return only;
            default:
                return hide(call.on(iterable));
        }
    }

    private static final class HidingCursor<T> implements MongoCursor<T> {
        private final MongoCursor<T> cursor;

        HidingCursor(MongoCursor<T> cursor) {
            this.cursor = cursor;
        }

        @Override
        public void close() {
            cursor.close();
        }

        @Override
        public boolean hasNext() {
            return cursor.hasNext();
        }

        @Override
        public T next() {
            return hidden(cursor.next());
        }

        @Override
        public int available() {
            return cursor.available();
        }

        @Override
        public @Nullable T tryNext() {
            T next = cursor.tryNext();
            return next == null ? null : hidden(next);
        }

        @Override
        public @Nullable ServerCursor getServerCursor() {
            return cursor.getServerCursor();
        }

        @Override
        public ServerAddress getServerAddress() {
            return cursor.getServerAddress();
        }
    }
}
