package io.forebay.spi;

import io.forebay.ForebayException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One process's part in flushing a {@link SharedJournal}: the partitions it was given, and what is in them. That two
 * processes take themselves for the owner of a partition does no harm, because the database knows only one; it costs
 * work. Used by one thread.
 *
 * <p>Every method may throw {@link TransientSinkException} when the journal cannot be reached.
 */
public interface SharedFeed extends AutoCloseable {
    /** The partitions this process is to flush now. Called often: that keeps them. */
    Set<Integer> assigned();

    /** Goes on behind a sequence of an assigned partition: its owner has read it from the database. */
    void begin(int partition, long after);

    /**
     * Up to which sequences somebody asked for a flush at once, by partition; what was told may be told again. Asked before
     * {@link #poll}.
     */
    Map<Integer, Long> wanted();

    /**
     * The next pieces of partitions that were begun, each beginning where the last of its partition ended.
     *
     * @param partitions of which something is wanted; the others keep what they have
     * @param wait how long to wait for the first
     * @return empty if there is nothing in time
     */
    List<FedWindow> poll(Set<Integer> partitions, Duration wait);

    /**
     * Partitions whose next piece cannot be read, because it is damaged or of a version that is not known here, with why. Each is
     * told once, and not fed any more until it is begun again. Asked after {@link #poll}.
     */
    Map<Integer, ForebayException> unreadable();

    /** The database holds everything up to a sequence: it may be deleted. */
    void flushed(int partition, long upTo);

    /** Gives the partitions back. */
    @Override
    void close();
}
