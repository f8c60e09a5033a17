package io.forebay.testkit;

import io.forebay.spi.Batch;
import io.forebay.spi.Sink;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/** Sinks that do something before a batch reaches the real one. */
final class Delegates {
    private Delegates() {}

    static Sink beforeBatches(Sink target, Consumer<Batch> before) {
        Class<?>[] types = {Sink.class};
        return (Sink) Proxy.newProxyInstance(Sink.class.getClassLoader(), types, (proxy, called, args) -> {
            if (called.getName().equals("apply")) before.accept((Batch) args[0]);
            try {
                return called.invoke(target, args);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        });
    }
}
