package io.forebay.state;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands messages to one listener, one at a time and in their order, on the threads that empty it. A message that is put
 * while another thread empties it is handed over by that one. Thread-safe.
 */
final class Mailbox {
    private static final Logger LOG = LoggerFactory.getLogger(Mailbox.class);
    private static final int CAPACITY = 10_000;

    private final String channel;
    private final Consumer<Object> listener;
    private final Queue<Object> waiting = new ArrayDeque<>(); // guarded by this
    private boolean handing; // guarded by this
    private boolean closed; // guarded by this
    private long dropped; // guarded by this

    Mailbox(String channel, Consumer<Object> listener) {
        this.channel = channel;
        this.listener = listener;
    }

    synchronized void put(Object message) {
        if (closed) return;
        if (waiting.size() < CAPACITY) {
            waiting.add(message);
            return;
        }
        dropped++;
        if (dropped == 1)
            LOG.warn("a listener of channel '{}' is {} messages behind and misses some", channel, CAPACITY);
        else LOG.debug("a listener of channel '{}' has missed {} messages", channel, dropped);
    }

    /** Hands over what is waiting, unless another call does so already. */
    void empty() {
        if (!begin()) return;
        for (Object message = next(); message != null; message = next()) hand(message);
    }

    synchronized void close() {
        closed = true;
        waiting.clear();
    }

    private synchronized boolean begin() {
        if (handing) return false;
        handing = true;
        return true;
    }

    private synchronized @Nullable Object next() {
        Object message = waiting.poll();
        handing = message != null;
        return message;
    }

    private void hand(Object message) {
        try {
            listener.accept(message);
        } catch (RuntimeException | Error e) {
            LOG.warn("a listener of channel '{}' failed", channel, e);
        }
    }
}
