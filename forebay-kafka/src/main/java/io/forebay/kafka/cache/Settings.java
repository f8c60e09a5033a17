package io.forebay.kafka.cache;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.Serde;

/** What a {@link LogCacheBuilder} was told, checked. */
record Settings<K, V>(
        String topic,
        Clients clients,
        Serde<K> keys,
        Serde<V> values,
        boolean readOnly,
        boolean nullTextDeletes,
        StartFrom startFrom,
        IsolationLevel isolation,
        CacheStore store,
        String version,
        Optional<Resolver<K, V>> resolver,
        Optional<Validator<K, V>> records,
        Optional<Validator<K, V>> changes,
        Optional<Validator<K, V>> writes,
        BadRecords badRecords,
        List<CacheListener<K, V>> listenersFromStart,
        List<CacheListener<K, V>> listeners,
        Duration checkInterval,
        InstantSource clock) {

    /** How messages and the log call the cache. */
    String name() {
        return "log cache '" + topic + "'";
    }

    /** Of all that decides what a store holds, besides the code of resolver and validators, which {@code version} stands for. */
    String fingerprint() {
        return String.join(
                "|",
                "format " + RocksFormat.VERSION,
                version,
                startFrom.toString(),
                isolation.toString(),
                resolver.isPresent() ? "resolved" : "plain",
                "null text deletes: " + nullTextDeletes,
                keys.deserializer().getClass().getName());
    }
}
