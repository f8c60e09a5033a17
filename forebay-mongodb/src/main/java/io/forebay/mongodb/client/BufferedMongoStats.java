package io.forebay.mongodb.client;

/**
 * What a {@link BufferedMongoClient} did.
 *
 * @param bufferedOperations single writes taken into the buffer
 * @param passedThrough operations on buffered collections that went to the server themselves, reads included
 * @param flushes batches the server holds
 * @param forcedFlushes times an operation had to wait for a flush before it went through
 * @param overlayHits reads by {@code _id} for which something was pending
 * @param overlayMisses reads by {@code _id} for which nothing was
 * @param journalRecords windows written to the journal: what came to one partition between two group commits, merged; not
 *     counted, 0, for a {@link io.forebay.Forebay} that was handed in
 * @param deadLetters documents whose operations the server refused
 * @param pendingDocuments documents with something pending, now
 * @param pendingBytes their estimated bytes, now
 */
public record BufferedMongoStats(
        long bufferedOperations,
        long passedThrough,
        long flushes,
        long forcedFlushes,
        long overlayHits,
        long overlayMisses,
        long journalRecords,
        long deadLetters,
        long pendingDocuments,
        long pendingBytes) {
    /** What was added since {@code start}; what is pending stays as it is. */
    BufferedMongoStats since(BufferedMongoStats start) {
        return new BufferedMongoStats(
                bufferedOperations - start.bufferedOperations,
                passedThrough - start.passedThrough,
                flushes - start.flushes,
                forcedFlushes - start.forcedFlushes,
                overlayHits - start.overlayHits,
                overlayMisses - start.overlayMisses,
                journalRecords - start.journalRecords,
                deadLetters - start.deadLetters,
                pendingDocuments,
                pendingBytes);
    }
}
