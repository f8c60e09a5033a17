package io.forebay.mongodb.client;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Stands before an object of the driver and answers for it. The driver's interfaces have more than 350 methods, of which
 * a dozen are buffered; the rest fall into a few kinds, by their names. A method that a layer does not know is treated
 * with the greatest care: what is pending is flushed, and it goes through.
 */
abstract class Layer<T> implements InvocationHandler {
    private final Class<? extends T> type;
    private final T delegate;

    Layer(Class<? extends T> type, T delegate) {
        this.type = type;
        this.delegate = delegate;
    }

    /** The object to hand out. */
    final T proxy() {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, this));
    }

    final T delegate() {
        return delegate;
    }

    /** Answers a call of one of the driver's methods. */
    abstract @Nullable Object answer(Call call) throws Throwable;

    @Override
    public final @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
            throws Throwable {
        Call call = Call.of(method, arguments);
        if (method.getDeclaringClass() != Object.class) return answer(call);
        return switch (method.getName()) {
            case "equals" -> proxy == call.argument(0);
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "buffered " + delegate;
        };
    }

    /** Makes the call on the object behind. */
    final @Nullable Object pass(Call call) throws Throwable {
        return call.on(Objects.requireNonNull(delegate));
    }
}
