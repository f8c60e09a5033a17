package io.forebay.internal.lifecycle;

import io.forebay.Stats;
import io.forebay.internal.flush.Counters;
import io.forebay.internal.pending.Budgets;
import io.forebay.internal.read.ExactRead;
import java.time.Duration;
import java.util.Optional;

/** What an engine tells of itself, from where it is counted; thread-safe as these are. */
record StatsReport(EngineSettings settings, Budgets budgets, Counters counters, FlushCrew crew, ExactRead reads) {
    private static final int OVERDUE_INTERVALS = 10;

    /**
     * The state at this moment.
     *
     * @param pendingRows in this process, flushed here or not
     * @param oldest the age of the oldest of them
     * @param refused writes that the journal refused
     * @param journalBytes what is in the journal
     */
    Stats stats(long pendingRows, Optional<Duration> oldest, long refused, long journalBytes) {
        int halted = crew.haltedCount();
        return new Stats(
                pendingRows,
                budgets.bytes(),
                oldest,
                counters.mutations.sum(),
                counters.rows.sum(),
                counters.batches.sum(),
                counters.statements.sum(),
                counters.retries.sum(),
                counters.deadLetters.sum(),
                counters.ignored.sum(),
                refused,
                counters.revived.sum(),
                halted,
                journalBytes,
                reads.hits(),
                reads.misses(),
                halted == 0 && !crew.isHanging() && !isOverdue(oldest));
    }

    private boolean isOverdue(Optional<Duration> oldest) {
        Duration longest =
                settings.flush().interval().plus(settings.flush().jitter()).multipliedBy(OVERDUE_INTERVALS);
        return oldest.map(age -> age.compareTo(longest) >= 0).orElse(false);
    }
}
