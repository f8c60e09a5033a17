package io.forebay.spi;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;

/**
 * The dead letters of a database: to look at, to try again, to throw away. Thread-safe, and safe beside running flushes and
 * other programs that do the same. Every method throws a {@link SinkException} if the database cannot do it.
 */
public interface DeadLetterStore {
    /**
     * One dead letter.
     *
     * @param journal id of the journal
     * @param partition number of the partition
     * @param batch id of the batch
     * @param letter what was refused, and why the last time
     * @param created when it was refused first
     * @param attempts how often it was refused, at least 1
     */
    record Entry(UUID journal, int partition, UUID batch, DeadLetter letter, Instant created, int attempts) {}

    /**
     * What a replay did.
     *
     * @param applied dead letters that are in the database now
     * @param refused dead letters that were refused again, and stay
     */
    record Replayed(int applied, int refused) {}

    /**
     * The oldest dead letters, in the order they were refused.
     *
     * @param limit how many at most, at least 1
     * @throws IllegalArgumentException if the limit is less
     */
    List<Entry> list(int limit);

    /**
     * Tries those that match again, oldest first; an update of a row that does not exist is refused again, whatever the table's
     * policy. Each is applied and removed as one: whenever the program dies, it was applied and is gone, or neither. One that is
     * refused again stays, with one attempt more and the new message.
     */
    Replayed replay(Predicate<Entry> filter);

    /** Throws those that match away; returns how many. They cannot be brought back. */
    int drop(Predicate<Entry> filter);

    /** For {@link #list}. */
    static void requireLimit(int limit) {
        if (limit < 1) throw new IllegalArgumentException("limit must be at least 1, was " + limit);
    }
}
