package io.forebay.kafka.cache;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * The state of a cache at one moment; counts are since it was built.
 *
 * @param state what it is doing
 * @param entries keys with a value; an estimate if the store is RocksDB
 * @param storeBytes disk taken by the store; 0 in memory
 * @param applied records that were applied, deletions not counted
 * @param deleted records that deleted
 * @param skipped records of which the resolver made nothing
 * @param rejected records that a validator rejected
 * @param poison records that could not be deserialized, or on which the resolver threw
 * @param nullKeys records without a key
 * @param deadLetters bad records copied to the topic for them
 * @param lastApplied timestamp of the last record read; empty if none was
 * @param loadedRecords records read by the last load or rebuild
 * @param loading how long that took, or has taken so far
 * @param lag by partition, records between the cache and the end of the topic, as of the last check; it goes on growing when
 *     the thread that follows the topic is dead
 * @param checkAge time since Kafka last said where the topic ends
 * @param rebuilds how often the topic was read anew, by reason
 * @param readerErrors errors of the thread that follows the topic, each tried again
 * @param listenerErrors times a listener threw
 * @param puts writes that Kafka took
 * @param putTime time they took together
 * @param putErrors writes that Kafka did not take
 * @param waits finished calls of {@link LogCache#awaitPosition}
 * @param waitTime time they took together
 * @param waitTimeouts how many of them ended without the position
 * @param waiters calls waiting now
 */
public record LogCacheStats(
        LogCacheState state,
        long entries,
        long storeBytes,
        long applied,
        long deleted,
        long skipped,
        long rejected,
        long poison,
        long nullKeys,
        long deadLetters,
        Optional<Instant> lastApplied,
        long loadedRecords,
        Duration loading,
        Map<Integer, Long> lag,
        Duration checkAge,
        Map<RebuildReason, Long> rebuilds,
        long readerErrors,
        long listenerErrors,
        long puts,
        Duration putTime,
        long putErrors,
        long waits,
        Duration waitTime,
        long waitTimeouts,
        int waiters) {
    public LogCacheStats {
        lag = Map.copyOf(lag);
        rebuilds = Map.copyOf(rebuilds);
    }
}
