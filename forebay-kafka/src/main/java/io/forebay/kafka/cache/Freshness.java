package io.forebay.kafka.cache;

import java.util.Map;

/**
 * When the cache last held everything up to the end of the topic. A deletion that is written later than that is still in the
 * topic for {@code delete.retention.ms}; when the cache has been behind for longer, one may be gone unread and its key would
 * stay for ever. Thread-safe.
 */
final class Freshness {
    private Map<Integer, Long> target = Map.of(); // guarded by this
    private long targetMillis; // guarded by this
    private long caughtUpMillis; // guarded by this
    private long generation; // guarded by this

    /** A store begins, or is found, that held everything at {@code millis}; earlier observations mean nothing. */
    synchronized void restart(long millis) {
        target = Map.of();
        caughtUpMillis = millis;
        generation++;
    }

    /** Given back with what was asked after it. */
    synchronized long generation() {
        return generation;
    }

    /** The topic ended there at {@code millis}, or later; passed over while an earlier end has not been reached yet. */
    synchronized void ended(long observed, long millis, Map<Integer, Long> ends) {
        if (observed != generation || !target.isEmpty()) return;
        target = Map.copyOf(ends);
        targetMillis = millis;
    }

    /** The cache is there. */
    synchronized void reached(Map<Integer, Long> positions) {
        if (target.isEmpty() || !covers(positions, target)) return;
        caughtUpMillis = Math.max(caughtUpMillis, targetMillis);
        target = Map.of();
    }

    synchronized long caughtUpMillis() {
        return caughtUpMillis;
    }

    /** Whether every partition is read as far as {@code ends}; a position is that of the next record, so transaction markers and gaps count. */
    static boolean covers(Map<Integer, Long> positions, Map<Integer, Long> ends) {
        for (Map.Entry<Integer, Long> end : ends.entrySet())
            if (positions.getOrDefault(end.getKey(), -1L) < end.getValue()) return false;
        return true;
    }
}
