package io.forebay.kafka.cache;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What the application's threads see: the store that is complete, the state, and the moment of being ready. Thread-safe. */
final class View<H> {
    private final String name;
    private volatile @Nullable Store<H> store;
    private volatile LogCacheState state = LogCacheState.LOADING;
    private volatile @Nullable LogCacheException stopped;
    private volatile CompletableFuture<Void> ready = new CompletableFuture<>();

    View(String name) {
        this.name = name;
    }

    /**
     * The complete store.
     *
     * @throws CacheNotReadyException before the first is
     * @throws CacheStoppedException after the end
     */
    Store<H> store() {
        Store<H> visible = store;
        if (state == LogCacheState.CLOSED) throw closed();
        if (visible != null) return visible;
        LogCacheException reason = stopped;
        if (reason != null) throw reason;
        throw new CacheNotReadyException(
                name + ": not ready, the topic is still being read; wait for onReady() before the first read", null);
    }

    @Nullable
    Store<H> storeOrNull() {
        return store;
    }

    LogCacheState state() {
        return state;
    }

    CompletableFuture<Void> ready() {
        return ready;
    }

    /** The reason why nothing goes on; null while it does. */
    @Nullable
    LogCacheException stopped() {
        return stopped;
    }

    /** From now on reads see this; returns what they saw before. */
    @Nullable
    Store<H> show(Store<H> complete) {
        CompletableFuture<Void> waiting;
        Store<H> before;
        synchronized (this) {
            before = store;
            if (state == LogCacheState.CLOSED) return before;
            store = complete;
            state = LogCacheState.READY;
            waiting = ready;
        }
        waiting.completeAsync(() -> null); // whoever hangs on it must not run in the thread that reads
        return before;
    }

    synchronized void rebuilding() {
        if (state != LogCacheState.READY) return;
        state = LogCacheState.REBUILDING;
        ready = new CompletableFuture<>();
    }

    void fail(LogCacheException reason) {
        end(LogCacheState.FAILED, reason);
    }

    void close() {
        end(LogCacheState.CLOSED, closed());
    }

    private void end(LogCacheState last, LogCacheException reason) {
        CompletableFuture<Void> waiting;
        synchronized (this) {
            if (state == LogCacheState.CLOSED || state == last) return;
            if (stopped == null) stopped = reason;
            if (ready.isDone()) ready = new CompletableFuture<>();
            state = last;
            waiting = ready;
        }
        waiting.completeExceptionally(reason);
    }

    CacheStoppedException closed() {
        return new CacheStoppedException(name + ": closed", null);
    }
}
