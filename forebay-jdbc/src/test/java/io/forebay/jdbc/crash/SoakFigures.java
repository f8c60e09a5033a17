package io.forebay.jdbc.crash;

import io.forebay.FullPolicy;
import io.forebay.Stats;
import java.time.Duration;

/**
 * What a soak measured.
 *
 * @param taken writes that were taken
 * @param refused writes that were refused because the buffer was full
 * @param wrong rows that are not what was written
 * @param mostPendingBytes the most that the gauge has shown
 * @param mostHeapBytes the most that the heap had grown by, after a collection
 * @param waits how long the calls took, those that were refused included
 */
record SoakFigures(
        Duration time,
        FullPolicy whenFull,
        long taken,
        long refused,
        Stats stats,
        int wrong,
        long mostPendingBytes,
        long mostHeapBytes,
        Duration longestFlush,
        Waits waits) {
    @Override
    public String toString() {
        return ("soak=%ds policy=%s taken=%d refused=%d rows_flushed=%d wrong=%d dead_letters=%d budget=%.1fMiB"
                        + " pending_max=%.1fMiB heap_max=%.1fMiB call_p99<%.3fms call_p999<%.1fms call_max=%dms flush_max=%dms")
                .formatted(
                        time.toSeconds(),
                        whenFull,
                        taken,
                        refused,
                        stats.rowsFlushed(),
                        wrong,
                        stats.deadLetters(),
                        mib(Soak.BUDGET_BYTES),
                        mib(mostPendingBytes),
                        mib(mostHeapBytes),
                        waits.below(0.99).toNanos() / 1e6,
                        waits.below(0.999).toNanos() / 1e6,
                        waits.longest().toMillis(),
                        longestFlush.toMillis());
    }

    private static double mib(long bytes) {
        return bytes / 1048576.0;
    }
}
