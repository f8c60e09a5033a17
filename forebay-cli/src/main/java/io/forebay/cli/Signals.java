package io.forebay.cli;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hears Ctrl-C and SIGTERM instead of the JVM, whose own shutdown would run beside the orderly one and ignore a second
 * signal. Through reflection, because {@code sun.misc.Signal} is no supported API; where it is missing, signals keep their
 * usual effect, which loses nothing.
 */
public final class Signals {
    private static final Logger LOG = LoggerFactory.getLogger(Signals.class);

    private Signals() {}

    /** Calls the handler with the number of each signal, on a thread of the JVM, until what is returned is closed. */
    public static Hearing onStop(IntConsumer handler) {
        Hearing interrupt = on("INT", handler);
        Hearing terminate = on("TERM", handler);
        return () -> {
            interrupt.close();
            terminate.close();
        };
    }

    /** Gives the signals back when it is closed. */
    public interface Hearing extends AutoCloseable {
        @Override
        void close();
    }

    private static Hearing on(String name, IntConsumer handler) {
        try {
            Class<?> signalType = Class.forName("sun.misc.Signal");
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object signal = signalType.getConstructor(String.class).newInstance(name);
            int number = (int) signalType.getMethod("getNumber").invoke(signal);
            InvocationHandler call = (proxy, method, args) -> {
                if (!method.getName().equals("handle")) return method.invoke(handler, args);
                handler.accept(number);
                return null;
            };
            Object proxy = Proxy.newProxyInstance(handlerType.getClassLoader(), new Class<?>[] {handlerType}, call);
            Method handle = signalType.getMethod("handle", signalType, handlerType);
            Object before = handle.invoke(null, signal, proxy);
            return () -> giveBack(handle, signal, before);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            LOG.debug("signal {} keeps its usual effect", name, e);
            return () -> {};
        }
    }

    private static void giveBack(Method handle, Object signal, Object before) {
        try {
            handle.invoke(null, signal, before);
        } catch (ReflectiveOperationException e) {
            LOG.debug("a signal keeps its handler", e);
        }
    }
}
