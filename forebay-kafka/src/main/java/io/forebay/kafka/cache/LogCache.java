package io.forebay.kafka.cache;

import com.fasterxml.jackson.databind.JsonNode;
import io.forebay.kafka.cache.Store.Held;
import java.time.Duration;
import java.util.Iterator;
import java.util.Optional;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.jspecify.annotations.Nullable;

/**
 * The newest value of every key of a Kafka topic, at hand in this process. It changes only through the topic: a write goes
 * there, and is seen when it comes back.
 *
 * <pre>{@code
 * try (LogCache<String, JsonNode> users =
 *         LogCache.builder().bootstrapServers("localhost:9092").topic("users").build()) {
 *     users.awaitReady(Duration.ofMinutes(1));
 *     Optional<JsonNode> user = users.get("alice");
 * }
 * }</pre>
 *
 * <p>It reads all partitions, without a consumer group and without committing anything. Two threads of its own per cache, and
 * those of Kafka's clients; all are daemons. Thread-safe; key and value serdes are called by several threads at once.
 * Values and keys that are handed out belong to the cache and are not to be changed.
 */
public final class LogCache<K, V> implements AutoCloseable {
    private final Engine<K, V, ?> engine;

    private LogCache(Engine<K, V, ?> engine) {
        this.engine = engine;
    }

    /** A cache with keys of text and values of any JSON. */
    public static LogCacheBuilder<String, JsonNode> builder() {
        return builder(Serdes.String(), JsonSerdes.tree());
    }

    /** A cache with keys of text and values of one class, as JSON. */
    public static <V> LogCacheBuilder<String, V> builder(Class<V> type) {
        return builder(Serdes.String(), JsonSerdes.of(type));
    }

    /**
     * A cache with any keys and values. Keys are found by their serialized bytes. The serdes must be thread-safe, as Kafka's
     * own are; the caller configures and closes them. A deserializer may return null for a value that is a deletion.
     */
    public static <K, V> LogCacheBuilder<K, V> builder(Serde<K> keys, Serde<V> values) {
        return new LogCacheBuilder<>(keys, values);
    }

    static <K, V> LogCache<K, V> start(Settings<K, V> settings) {
        return new LogCache<>(Engine.start(settings));
    }

    /**
     * Completes when everything that was in the topic at the start can be read; exceptionally with a {@link
     * CacheStoppedException} if the cache fails or is closed first. While the topic is read anew this is another stage, which
     * completes when that is done.
     */
    public CompletableFuture<Void> onReady() {
        return engine.view().ready().copy();
    }

    /**
     * Waits for {@link #onReady}.
     *
     * @throws CacheNotReadyException if it takes longer than {@code timeout}, or the thread is interrupted; the message says how
     *     far the reading is and what the last error was
     * @throws CacheStoppedException if the cache fails or is closed
     */
    public void awaitReady(Duration timeout) {
        try {
            onReady().get(timeout.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new CacheNotReadyException(
                    "%s: not ready after %d ms: %s".formatted(name(), timeout.toMillis(), engine.hindrances()), null);
        } catch (ExecutionException e) {
            Throwable reason = e.getCause();
            throw new CacheStoppedException(reason == null ? name() : String.valueOf(reason.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CacheNotReadyException(name() + ": interrupted while waiting for it to be ready", e);
        }
    }

    /** Whether the cache follows its topic: it has read it to the end it had at the start, and is not reading it anew. */
    public boolean isReady() {
        return state() == LogCacheState.READY;
    }

    public LogCacheState state() {
        return engine.view().state();
    }

    /**
     * The value of the key; empty if it has none.
     *
     * @throws CacheNotReadyException before the cache was ready for the first time
     * @throws CacheStoppedException after {@link #close}, or if the cache failed before it was ready
     * @throws CacheStoreException if files of the store are damaged
     */
    public Optional<V> get(K key) {
        Versioned<V> found = engine.get(key);
        return found == null ? Optional.empty() : Optional.of(found.value());
    }

    /** As {@link #get}, with the record that the value comes from. */
    public Optional<Versioned<V>> getVersioned(K key) {
        return Optional.ofNullable(engine.get(key));
    }

    /**
     * The entries with keys from {@code from}, inclusive, to {@code to}, exclusive, in the order of their serialized bytes,
     * unsigned: for text that of its code points; for numbers negative ones come last. The stream reads on as it is consumed
     * and may or may not show what changes meanwhile. It need not be closed. Throws as {@link #get} does.
     */
    public Stream<CacheEntry<K, V>> range(K from, K to) {
        return stream(engine, engine.keys().of(from), engine.keys().of(to));
    }

    /**
     * The entries with keys that begin with {@code prefix}; otherwise as {@link #range}.
     *
     * @throws UnsupportedOperationException if keys are neither text nor bytes
     */
    public Stream<CacheEntry<K, V>> prefix(K prefix) {
        if (!engine.keys().hasPrefixes())
            throw new UnsupportedOperationException(
                    name() + ": prefix needs keys of Serdes.String() or Serdes.ByteArray(); use range");
        Key from = engine.keys().of(prefix);
        return stream(engine, from, from.endOfPrefix());
    }

    /** All entries, otherwise as {@link #range}. */
    public Stream<CacheEntry<K, V>> entries() {
        return stream(engine, new Key(new byte[0]), null);
    }

    private static <K, V, H> Stream<CacheEntry<K, V>> stream(Engine<K, V, H> engine, Key from, @Nullable Key end) {
        engine.view().store(); // fails now, not when the stream is consumed
        Iterator<Held<H>> held =
                new Pages<>((after, inclusive) -> engine.page(after, inclusive, end, Pages.SIZE), from);
        return StreamSupport.stream(
                        Spliterators.spliteratorUnknownSize(held, Spliterator.ORDERED | Spliterator.NONNULL), false)
                .map(engine::entry);
    }

    /**
     * Calls the listener with each change from now on, after it can be read; not with what is read until the cache is ready:
     * see {@link LogCacheBuilder#listenerFromStart}.
     *
     * @return ends the calls; one that has begun goes on
     */
    public Registration onChange(CacheListener<K, V> listener) {
        return register(engine, listener);
    }

    private static <K, V, H> Registration register(Engine<K, V, H> engine, CacheListener<K, V> listener) {
        engine.listeners().add(listener);
        return () -> engine.listeners().remove(listener);
    }

    /** Ends what it was given for. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {
        @Override
        void close();
    }

    /**
     * Writes the value to the topic, by Kafka's usual choice of the partition. The stage completes with the position when Kafka
     * has the record, on a thread of Kafka's producer which must not be held up; the cache shows it a little later, see {@link
     * #awaitPosition}. Allowed before the cache is ready. Blocks for up to the producer's {@code max.block.ms}, here 10 s, while
     * the cluster cannot be reached or the producer's buffer is full.
     *
     * @return completes exceptionally with a {@link CacheWriteException} if Kafka does not take it
     * @throws ReadOnlyCacheException if the cache is read-only, which is the default
     * @throws InvalidWriteException if the validator of writes refuses it, or the value cannot be serialized or is null
     * @throws IllegalArgumentException if the key cannot be serialized or is null
     * @throws CacheStoppedException if the cache is closed or has failed
     */
    public CompletableFuture<LogPosition> put(K key, V value) {
        return writer("put").put(key, value);
    }

    /** Writes a deletion to the topic; as {@link #put}. */
    public CompletableFuture<LogPosition> delete(K key) {
        return writer("delete").delete(key);
    }

    private Writer<K, V> writer(String call) {
        Writer<K, V> writer = engine.writer();
        if (writer == null)
            throw new ReadOnlyCacheException(
                    "%s: read-only, %s is refused; build it with readOnly(false)".formatted(name(), call), null);
        LogCacheException reason = engine.view().stopped();
        if (reason != null) throw reason;
        return writer;
    }

    /**
     * Waits until what the topic has at the position, and everything before it in its partition, can be read here: after {@link
     * #put} this makes one's own write visible, and with a position that another process sent, the write of that one. The record
     * need not exist any more. May be called before the cache is ready.
     *
     * @throws PositionTimeoutException after {@code timeout}, or if the thread is interrupted; the message says how far the cache
     *     is and what the last error was
     * @throws CacheStoppedException if the cache fails or is closed
     */
    public void awaitPosition(LogPosition position, Duration timeout) {
        try {
            if (engine.await(position, timeout)) return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PositionTimeoutException(name() + ": interrupted while waiting for " + position, e);
        }
        throw new PositionTimeoutException(
                "%s: partition %d did not pass offset %d within %d ms: %s"
                        .formatted(
                                name(),
                                position.partition(),
                                position.offset(),
                                timeout.toMillis(),
                                engine.hindrances()),
                null);
    }

    /** Figures of this moment; also after {@link #close}. */
    public LogCacheStats stats() {
        return engine.stats();
    }

    /** The topic that is followed. */
    public String topic() {
        return engine.settings().topic();
    }

    /**
     * Ends everything, also while the topic is still being read; whoever waits gets a {@link CacheStoppedException}. Writes that
     * were begun get up to 5 s, a listener that is busy up to 10 s. Nothing happens the second time.
     */
    @Override
    public void close() {
        engine.close();
    }

    private String name() {
        return engine.settings().name();
    }

    @Override
    public String toString() {
        return name() + " (" + state() + ")";
    }
}
