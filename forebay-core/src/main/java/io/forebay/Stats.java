package io.forebay;

import java.time.Duration;
import java.util.Optional;

/**
 * The state of one database's buffer at one moment.
 *
 * @param pendingRows rows not in the database yet
 * @param pendingBytes their estimated bytes
 * @param oldestPending age of the oldest mutation not in the database yet; empty if there is none
 * @param mutations writes taken since the start
 * @param rowsFlushed rows and inserts sent in batches the database holds; mutations / rows is the coalescing factor
 * @param batches batches the database holds
 * @param statements statements sent for them
 * @param retries failed attempts of a flush
 * @param deadLetters mutations the database refused
 * @param ignored updates of missing rows dropped by {@link MissingRow#IGNORE}
 * @param refused writes the journal refused
 * @param revived hung flushes cancelled and dead runners replaced
 * @param haltedPartitions partitions that stopped until a person has looked
 * @param journalBytes disk used by the journal
 * @param overlayHits exact reads of rows that had something pending
 * @param overlayMisses exact reads of rows that had nothing pending
 * @param healthy whether nothing is halted, hung, or overdue by more than ten flush intervals
 */
public record Stats(
        long pendingRows,
        long pendingBytes,
        Optional<Duration> oldestPending,
        long mutations,
        long rowsFlushed,
        long batches,
        long statements,
        long retries,
        long deadLetters,
        long ignored,
        long refused,
        long revived,
        int haltedPartitions,
        long journalBytes,
        long overlayHits,
        long overlayMisses,
        boolean healthy) {}
