package io.forebay.kafka.cache;

import io.forebay.kafka.cache.Store.Held;
import io.forebay.kafka.cache.Stores.DamagedStoreException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.SerializationException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The parts of a running cache, put together. Thread-safe. */
final class Engine<K, V, H> {
    private static final Logger LOG = LoggerFactory.getLogger(Engine.class);
    private static final long CLOSE_MILLIS = 10_000;

    private final Settings<K, V> settings;
    private final KeyForm<K> keys;
    private final ValueForm<V, H> values;
    private final Counters counters = new Counters();
    private final Progress progress = new Progress(System::nanoTime);
    private final Positions positions = new Positions();
    private final Freshness freshness = new Freshness();
    private final Signals signals = new Signals();
    private final View<H> view;
    private final Listeners<K, V, H> listeners;
    private final Cluster cluster;
    private final @Nullable Writer<K, V> writer;
    private final BadRecordHandler badRecords;
    private final Generations<H> generations;
    private final Reader<H> reader;
    private final Thread readerThread;
    private final Thread checksThread;

    private Engine(Settings<K, V> settings, ValueForm<V, H> values, Stores<H> stores) {
        this.settings = settings;
        this.keys = new KeyForm<>(settings.topic(), settings.keys());
        this.values = values;
        this.view = new View<>(settings.name());
        this.listeners = new Listeners<>(settings, keys, values, counters);
        Clients clients = settings.clients();
        this.cluster = new Cluster(clients.admin(), settings.topic(), settings.isolation());
        this.writer = settings.readOnly() ? null : new Writer<>(settings, keys, clients.producer(), counters);
        this.badRecords = new BadRecordHandler(
                settings.name(), settings.badRecords(), new DeadLetters(clients::producer, counters), counters);
        this.generations = new Generations<>(settings, stores, view, counters);
        Session.Parts<H> parts = new Session.Parts<>(
                settings,
                generations,
                new Applier<>(settings, keys, values, badRecords, counters),
                badRecords,
                positions,
                progress,
                freshness,
                signals,
                listeners);
        this.reader = new Reader<>(
                settings,
                cluster,
                () -> clients.consumer(settings.isolation()),
                generations,
                (topic, consumer) -> new Session<>(parts, topic, consumer),
                signals,
                counters,
                this::failed);
        this.readerThread = thread("reader", this::read);
        this.checksThread = thread("checks", new Checks(settings, cluster, progress, freshness, signals));
    }

    /**
     * Starts a cache.
     *
     * @throws IllegalArgumentException if a property of Kafka's clients is wrong
     * @throws CacheStoreException if the store's directory cannot be used
     */
    static <K, V> Engine<K, V, ?> start(Settings<K, V> settings) {
        if (settings.store() instanceof CacheStore.RocksDb disk)
            return start(settings, ValueForm.bytes(settings.topic(), settings.values()), openRocks(disk.directory()));
        return start(settings, ValueForm.objects(), MemoryStore.stores());
    }

    private static Stores<byte[]> openRocks(Path directory) {
        try {
            return RocksStores.in(directory);
        } catch (NoClassDefFoundError e) {
            throw new CacheStoreException(
                    "CacheStore.rocksDb needs org.rocksdb:rocksdbjni on the class path; add it, or use CacheStore.memory()",
                    e);
        }
    }

    private static <K, V, H> Engine<K, V, H> start(Settings<K, V> settings, ValueForm<V, H> values, Stores<H> stores) {
        try {
            Engine<K, V, H> engine = new Engine<>(settings, values, stores);
            engine.readerThread.start();
            engine.checksThread.start();
            return engine;
        } catch (KafkaException e) {
            stores.close();
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalArgumentException(settings.name() + ": " + cause.getMessage(), e);
        }
    }

    private Thread thread(String what, Runnable work) {
        Thread thread = new Thread(work, "forebay-log-cache-" + settings.topic() + "-" + what);
        thread.setDaemon(true);
        return thread;
    }

    private void read() {
        try {
            reader.run();
        } finally {
            badRecords.close();
        }
    }

    private void failed(LogCacheException reason) {
        if (signals.isStopped()) return;
        LOG.error("{}", reason.getMessage());
        view.fail(reason);
        positions.stop(reason);
    }

    Settings<K, V> settings() {
        return settings;
    }

    KeyForm<K> keys() {
        return keys;
    }

    View<H> view() {
        return view;
    }

    /** The writer; null if the cache is read-only. */
    @Nullable
    Writer<K, V> writer() {
        return writer;
    }

    Listeners<K, V, H> listeners() {
        return listeners;
    }

    @Nullable
    Versioned<V> get(K key) {
        Key bytes = keys.of(key);
        Claim<H> seen = read(store -> Claims.seen(store.claims(bytes)));
        return seen == null ? null : versioned(seen);
    }

    /** Up to {@code max} entries in order. */
    List<Held<H>> page(Key from, boolean inclusive, @Nullable Key end, int max) {
        return read(store -> store.page(from, inclusive, end, max));
    }

    CacheEntry<K, V> entry(Held<H> held) {
        return new CacheEntry<>(keys.key(held.key().bytes()), versioned(held.claim()));
    }

    private Versioned<V> versioned(Claim<H> seen) {
        H held = Objects.requireNonNull(seen.value());
        try {
            return seen.versioned(values.value(held));
        } catch (SerializationException e) {
            throw new CacheStoreException(
                    settings.name()
                            + ": a stored value cannot be deserialized; was the serde changed and not the builder's version? "
                            + e.getMessage(),
                    e);
        }
    }

    private <T extends @Nullable Object> T read(Function<Store<H>, T> reading) {
        Store<H> store = view.store();
        while (true) {
            try {
                return reading.apply(store);
            } catch (StoreClosedException e) {
                Store<H> successor = view.store();
                if (successor == store) throw view.closed();
                store = successor;
            } catch (DamagedStoreException e) {
                signals.rebuild(RebuildReason.DAMAGED);
                throw new CacheStoreException(settings.name() + ": " + e.getMessage() + "; it is being built anew", e);
            }
        }
    }

    boolean await(LogPosition position, Duration timeout) throws InterruptedException {
        long begun = System.nanoTime();
        boolean reached = positions.await(position, timeout);
        counters.waits.increment();
        counters.waitNanos.add(System.nanoTime() - begun);
        if (!reached) counters.waitTimeouts.increment();
        return reached;
    }

    /** What holds the cache up, for messages. */
    String hindrances() {
        return "%s; state %s, %s, reader thread %s, last error: %s"
                .formatted(
                        progress.describe(),
                        view.state(),
                        "end asked %d ms ago".formatted(progress.checkAge().toMillis()),
                        readerThread.isAlive() ? "alive" : "dead",
                        counters.lastError());
    }

    LogCacheStats stats() {
        long lastApplied = counters.lastAppliedMillis;
        return new LogCacheStats(
                view.state(),
                ofStore(Store::entries),
                ofStore(Store::bytes),
                counters.applied.sum(),
                counters.deleted.sum(),
                counters.skipped.sum(),
                counters.rejected.sum(),
                counters.poison.sum(),
                counters.nullKeys.sum(),
                counters.deadLetters.sum(),
                lastApplied < 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(lastApplied)),
                progress.loadedRecords(),
                progress.loadTime(),
                progress.lag(),
                progress.checkAge(),
                counters.rebuilds(),
                counters.readerErrors.sum(),
                counters.listenerErrors.sum(),
                counters.puts.sum(),
                Duration.ofNanos(counters.putNanos.sum()),
                counters.putErrors.sum(),
                counters.waits.sum(),
                Duration.ofNanos(counters.waitNanos.sum()),
                counters.waitTimeouts.sum(),
                positions.waiters());
    }

    private long ofStore(ToLongFunction<Store<H>> figure) {
        Store<H> store = view.storeOrNull();
        if (store == null) return 0;
        try {
            return figure.applyAsLong(store);
        } catch (StoreClosedException | DamagedStoreException e) {
            return 0;
        }
    }

    /** Ends both threads, whatever they wait for, and lets go of everything; nothing to do a second time. */
    void close() {
        view.close();
        positions.stop(view.closed());
        signals.stop();
        cluster.close();
        reader.wakeup();
        join(readerThread);
        join(checksThread);
        if (writer != null) writer.close();
        generations.close();
    }

    /** A listener may close its own cache: it is not waited for. */
    private static void join(Thread thread) {
        if (thread == Thread.currentThread()) return;
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
