package io.forebay.mongodb.client;

import com.mongodb.client.MongoIterable;
import org.jspecify.annotations.Nullable;

/**
 * Before something that asks the server when it is iterated: what is pending is flushed then, not when it is made. Its
 * settings, which give such an object again, are passed on; whatever else is called asks the server.
 */
final class IterableLayer extends Layer<MongoIterable<?>> {
    private final Runnable before;

    /** @param before done each time before the server is asked */
    IterableLayer(Class<? extends MongoIterable<?>> type, MongoIterable<?> delegate, Runnable before) {
        super(type, delegate);
        this.before = before;
    }

    /** Puts a layer before what a call of the driver gave, if that is something to iterate. */
    static @Nullable Object over(Call call, @Nullable Object result, Runnable before) {
        return result instanceof MongoIterable<?> iterable
                ? new IterableLayer(type(call), iterable, before).proxy()
                : result;
    }

    @SuppressWarnings("unchecked") // every interface asked for here is one of the driver's iterables
    private static Class<? extends MongoIterable<?>> type(Call call) {
        return (Class<? extends MongoIterable<?>>) call.method().getReturnType().asSubclass(MongoIterable.class);
    }

    @Override
    @Nullable
    Object answer(Call call) throws Throwable {
        if (!isSetting(call)) {
            before.run();
            return Fences.ask(call, delegate());
        }
        Object result = pass(Fences.setting(call));
        return result == delegate() ? proxy() : over(call, result, before);
    }

    static boolean isSetting(Call call) {
        return MongoIterable.class.isAssignableFrom(call.method().getReturnType());
    }
}
