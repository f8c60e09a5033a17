package io.forebay.mongodb.client;

import com.mongodb.client.ClientSession;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One call of a method of the driver. */
record Call(Method method, List<@Nullable Object> arguments) {
    static Call of(Method method, @Nullable Object @Nullable [] arguments) {
        List<@Nullable Object> given = arguments == null ? List.of() : Arrays.asList(arguments);
        return new Call(method, Collections.unmodifiableList(given));
    }

    String name() {
        return method.getName();
    }

    /** Whether it is made within a session of the caller's. */
    boolean isInSession() {
        return argument(0) instanceof ClientSession;
    }

    /** The first argument of a type, or null. */
    <T> @Nullable T argument(Class<T> type) {
        for (Object argument : arguments) if (type.isInstance(argument)) return type.cast(argument);
        return null;
    }

    /** An argument by its place, or null. */
    @Nullable
    Object argument(int at) {
        return at < arguments.size() ? arguments.get(at) : null;
    }

    /** The same call with another only argument. */
    Call with(Object argument) {
        return new Call(method, List.of(argument));
    }

    /** Makes the call, and throws what it throws. */
    @Nullable
    Object on(Object target) throws Throwable {
        try {
            return method.invoke(target, arguments.toArray());
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
