package io.forebay.kafka.cache;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/** Settings of a {@link LogCache}. Only bootstrap servers and topic have no default. One thread. */
public final class LogCacheBuilder<K, V> {
    private static final Duration MIN_CHECK_INTERVAL = Duration.ofMillis(50);

    private final Serde<K> keys;
    private final Serde<V> values;
    private final Map<String, Object> properties = new HashMap<>();
    private final List<CacheListener<K, V>> listenersFromStart = new ArrayList<>();
    private final List<CacheListener<K, V>> listeners = new ArrayList<>();
    private String topic = "";
    private @Nullable String clientId;
    private boolean readOnly = true;
    private boolean nullTextDeletes;
    private StartFrom startFrom = StartFrom.beginning();
    private IsolationLevel isolation = IsolationLevel.READ_COMMITTED;
    private CacheStore store = CacheStore.memory();
    private String version = "";
    private @Nullable Resolver<K, V> resolver;
    private @Nullable Validator<K, V> records;
    private @Nullable Validator<K, V> changes;
    private @Nullable Validator<K, V> writes;
    private BadRecords badRecords = BadRecords.skip();
    private Duration checkInterval = Duration.ofSeconds(1);
    private InstantSource clock = InstantSource.system();

    LogCacheBuilder(Serde<K> keys, Serde<V> values) {
        this.keys = Objects.requireNonNull(keys, "keys");
        this.values = Objects.requireNonNull(values, "values");
    }

    /** Where the cluster is, as Kafka's clients take it: {@code host:port,host:port}. Required. */
    public LogCacheBuilder<K, V> bootstrapServers(String servers) {
        return property(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, servers);
    }

    /** The topic, which must exist. Required. */
    public LogCacheBuilder<K, V> topic(String name) {
        this.topic = name;
        return this;
    }

    /**
     * A property of Kafka's clients: for TLS, authentication, sizes and timeouts. Each client gets those it knows.
     *
     * @throws IllegalArgumentException if it is one that the cache decides itself
     */
    public LogCacheBuilder<K, V> property(String name, Object value) {
        if (Clients.RESERVED.contains(name))
            throw new IllegalArgumentException(
                    "the property '" + name + "' is decided by the cache: see the builder's own methods");
        properties.put(name, value);
        return this;
    }

    /** {@link #property} for each of them. */
    public LogCacheBuilder<K, V> properties(Map<String, ?> all) {
        all.forEach(this::property);
        return this;
    }

    /**
     * The name under which brokers see the cache; a number is added. Default {@code forebay-TOPIC}, and behind it {@code
     * NAMESPACE.POD} if the environment has {@code POD_NAMESPACE} and {@code POD_NAME}.
     */
    public LogCacheBuilder<K, V> clientId(String id) {
        this.clientId = id;
        return this;
    }

    /** Whether {@link LogCache#put} and {@link LogCache#delete} are refused. Default true. */
    public LogCacheBuilder<K, V> readOnly(boolean refuse) {
        this.readOnly = refuse;
        return this;
    }

    /** Whether a value of the four bytes {@code null}, as some converters write for a deletion, deletes. Default false. */
    public LogCacheBuilder<K, V> nullTextDeletes(boolean deletes) {
        this.nullTextDeletes = deletes;
        return this;
    }

    /** The first records to read. Default {@link StartFrom#beginning}. */
    public LogCacheBuilder<K, V> startFrom(StartFrom start) {
        this.startFrom = start;
        return this;
    }

    /**
     * Whether records of transactions are read before they are committed, and those that are aborted, too. Default {@link
     * IsolationLevel#READ_COMMITTED}.
     */
    public LogCacheBuilder<K, V> isolation(IsolationLevel level) {
        this.isolation = level;
        return this;
    }

    /** Where entries are kept. Default {@link CacheStore#memory}. */
    public LogCacheBuilder<K, V> store(CacheStore where) {
        this.store = where;
        return this;
    }

    /**
     * Any text that changes when resolver, validators or serdes are changed: a store on disk that was built with another one
     * is built anew. Default empty.
     */
    public LogCacheBuilder<K, V> version(String text) {
        this.version = text;
        return this;
    }

    /** What is made of a record. Default: its value under its key. */
    public LogCacheBuilder<K, V> resolver(Resolver<K, V> makesChanges) {
        this.resolver = makesChanges;
        return this;
    }

    /** Checks records as they are read; one with a problem is a bad record. Default: none. */
    public LogCacheBuilder<K, V> validateRecords(Validator<K, V> validator) {
        this.records = validator;
        return this;
    }

    /** Checks what the resolver makes of a record; if one change has a problem the record is a bad one. Default: none. */
    public LogCacheBuilder<K, V> validateChanges(Validator<K, V> validator) {
        this.changes = validator;
        return this;
    }

    /** Checks writes before they are sent; one with a problem is refused. Default: none. */
    public LogCacheBuilder<K, V> validateWrites(Validator<K, V> validator) {
        this.writes = validator;
        return this;
    }

    /** What becomes of bad records. Default {@link BadRecords#skip}. */
    public LogCacheBuilder<K, V> badRecords(BadRecords policy) {
        this.badRecords = policy;
        return this;
    }

    /** Hears of changes once the cache is ready. See also {@link LogCache#onChange}. */
    public LogCacheBuilder<K, V> listener(CacheListener<K, V> listener) {
        listeners.add(listener);
        return this;
    }

    /** Hears also of what is read until the cache is ready, and of what is read again when the topic is read anew. */
    public LogCacheBuilder<K, V> listenerFromStart(CacheListener<K, V> listener) {
        listenersFromStart.add(listener);
        return this;
    }

    /**
     * How often Kafka is asked where the topic ends, how many partitions it has and whether it is still the same. At least 50
     * ms, default 1 s. A deletion can be missed if a topic keeps deletions for less than four times this.
     */
    public LogCacheBuilder<K, V> checkInterval(Duration interval) {
        this.checkInterval = interval;
        return this;
    }

    /** The wall clock, for tests. */
    LogCacheBuilder<K, V> clock(InstantSource source) {
        this.clock = source;
        return this;
    }

    /**
     * Starts the cache and returns at once; {@link LogCache#onReady} says when it can be read.
     *
     * @throws IllegalArgumentException if settings are missing or wrong, with all of them in the message
     * @throws CacheStoreException if the store's directory cannot be used
     */
    public LogCache<K, V> build() {
        List<String> problems = new ArrayList<>();
        if (topic.isBlank()) problems.add("topic is missing");
        Object servers = properties.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
        if (servers == null || servers.toString().isBlank()) problems.add("bootstrapServers is missing");
        if (checkInterval.compareTo(MIN_CHECK_INTERVAL) < 0)
            problems.add("checkInterval must be at least 50 ms, was " + checkInterval);
        if (startFrom instanceof StartFrom.Timestamp start && start.timestamp().isAfter(clock.instant()))
            problems.add("startFrom must not be in the future, was " + start.timestamp());
        if (badRecords instanceof BadRecords.DeadLetter letter && letter.topic().equals(topic))
            problems.add("the topic of dead letters must be another one than the cache's, was '" + topic + "'");
        if (!problems.isEmpty()) throw new IllegalArgumentException(String.join("; ", problems));
        return LogCache.start(settings());
    }

    private Settings<K, V> settings() {
        String id = clientId == null ? Clients.defaultClientId(topic, System.getenv()) : clientId;
        return new Settings<>(
                topic,
                new Clients(id, properties),
                keys,
                values,
                readOnly,
                nullTextDeletes,
                startFrom,
                isolation,
                store,
                version,
                Optional.ofNullable(resolver),
                Optional.ofNullable(records),
                Optional.ofNullable(changes),
                Optional.ofNullable(writes),
                badRecords,
                List.copyOf(listenersFromStart),
                List.copyOf(listeners),
                checkInterval,
                clock);
    }
}
