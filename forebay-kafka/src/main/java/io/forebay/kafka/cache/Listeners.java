package io.forebay.kafka.cache;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells listeners of changes. Thread-safe; only the reading thread tells. */
final class Listeners<K, V, H> {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final String name;
    private final KeyForm<K> keys;
    private final ValueForm<V, H> values;
    private final Counters counters;
    private final List<CacheListener<K, V>> fromStart;
    private final List<CacheListener<K, V>> live = new CopyOnWriteArrayList<>();
    private boolean shownBefore; // the reading thread's
    private boolean collecting; // the reading thread's: whether the changes at hand are of a visible store
    private boolean logged;

    Listeners(Settings<K, V> settings, KeyForm<K> keys, ValueForm<V, H> values, Counters counters) {
        this.name = settings.name();
        this.keys = keys;
        this.values = values;
        this.counters = counters;
        this.fromStart = settings.listenersFromStart();
        this.live.addAll(settings.listeners());
    }

    void add(CacheListener<K, V> listener) {
        live.add(listener);
    }

    void remove(CacheListener<K, V> listener) {
        live.remove(listener);
    }

    /** Whether anybody wants to know of the next changes, {@code visible} or not yet. */
    boolean wantChanges(boolean visible) {
        collecting = visible;
        return !fromStart.isEmpty() || visible && !live.isEmpty();
    }

    void tell(List<Applier.Changed<H>> changes) {
        for (Applier.Changed<H> change : changes) {
            K key = keys.key(change.key().bytes());
            Optional<Versioned<V>> now = Optional.ofNullable(versioned(change.now()));
            each(listener -> listener.changed(key, now));
        }
    }

    private @Nullable Versioned<V> versioned(@Nullable Claim<H> claim) {
        return claim == null || claim.value() == null ? null : claim.versioned(values.value(claim.value()));
    }

    /** A store became visible. */
    void shown() {
        collecting = true;
        if (shownBefore) each(CacheListener::rebuilt);
        shownBefore = true;
    }

    private void each(Consumer<CacheListener<K, V>> call) {
        for (CacheListener<K, V> listener : fromStart) guarded(listener, call);
        if (collecting) for (CacheListener<K, V> listener : live) guarded(listener, call);
    }

    private void guarded(CacheListener<K, V> listener, Consumer<CacheListener<K, V>> call) {
        try {
            call.accept(listener);
        } catch (RuntimeException e) {
            counters.listenerErrors.increment();
            if (logged) LOG.debug("{}: a listener failed", name, e);
            else LOG.warn("{}: a listener failed; further ones are counted, and logged at debug level", name, e);
            logged = true;
        }
    }
}
