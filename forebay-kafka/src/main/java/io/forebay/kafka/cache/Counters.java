package io.forebay.kafka.cache;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What happened since the cache was built. Thread-safe. */
final class Counters {
    final LongAdder applied = new LongAdder();
    final LongAdder deleted = new LongAdder();
    final LongAdder skipped = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder poison = new LongAdder();
    final LongAdder nullKeys = new LongAdder();
    final LongAdder deadLetters = new LongAdder();
    final LongAdder readerErrors = new LongAdder();
    final LongAdder listenerErrors = new LongAdder();
    final LongAdder puts = new LongAdder();
    final LongAdder putNanos = new LongAdder();
    final LongAdder putErrors = new LongAdder();
    final LongAdder waits = new LongAdder();
    final LongAdder waitNanos = new LongAdder();
    final LongAdder waitTimeouts = new LongAdder();
    volatile long lastAppliedMillis = -1;
    private volatile @Nullable Throwable lastError;
    private final Map<RebuildReason, LongAdder> rebuilds = new ConcurrentHashMap<>();

    void rebuilt(RebuildReason reason) {
        rebuilds.computeIfAbsent(reason, it -> new LongAdder()).increment();
    }

    Map<RebuildReason, Long> rebuilds() {
        Map<RebuildReason, Long> all = new EnumMap<>(RebuildReason.class);
        for (RebuildReason reason : RebuildReason.values()) {
            LongAdder count = rebuilds.get(reason);
            all.put(reason, count == null ? 0 : count.sum());
        }
        return all;
    }

    void readerFailed(Throwable error) {
        readerErrors.increment();
        lastError = error;
    }

    /** In words for an error message. */
    String lastError() {
        Throwable error = lastError;
        return error == null ? "none" : error.toString();
    }
}
