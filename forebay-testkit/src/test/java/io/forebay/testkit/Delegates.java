package io.forebay.testkit;

import io.forebay.spi.Sink;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** Sinks that do something before a call reaches the real one. */
final class Delegates {
    private Delegates() {}

    static Sink sink(Sink target, String method, Runnable before) {
        return (Sink) Proxy.newProxyInstance(
                Sink.class.getClassLoader(), new Class<?>[] {Sink.class}, (p, called, args) -> {
                    if (called.getName().equals(method)) before.run();
                    try {
                        return called.invoke(target, args);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
