package io.forebay.internal.lifecycle;

import io.forebay.Ack;
import io.forebay.Durability;
import io.forebay.Stats;
import io.forebay.internal.pending.Router;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.TableDefinition;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What stands behind a database's tables and rows: the buffer of one process, or one that several share. Thread-safe. */
public interface Engine {
    /**
     * Declares a table before anything is written to it.
     *
     * @throws IllegalStateException if its routing changes while rows of it may be pending
     */
    void declare(TableDefinition definition);

    /** What is known of a table, for a start without the database; null if nothing is. */
    @Nullable
    TableDefinition known(String table);

    Sink sink();

    Router router();

    /** What acks wait for unless a table or row says otherwise. */
    Durability durability();

    /**
     * Takes one write.
     *
     * @throws io.forebay.BufferFullException if there is no room in time
     * @throws io.forebay.HaltedException if its partition was taken by a newer owner
     * @throws io.forebay.ForebayClosedException if this engine is closed
     */
    Ack write(Write write, Durability durability);

    /**
     * Takes several writes and the position of what they come from: all are durable, or none is.
     *
     * @param writes at least one
     */
    Ack write(List<Write> writes, String source, String position, Durability durability);

    /** The position a source has durably reached; from there on it may write again if a write of it was refused. */
    Optional<String> source(String name);

    /** The row as it will be once all that is pending is flushed. */
    Optional<Map<String, @Nullable Object>> read(TableDefinition table, RowKey key, int partition);

    /** Starts a flush of everything pending now; completes when the database holds it. */
    CompletableFuture<Void> flush();

    /** Starts a flush and waits until the database holds everything that was pending. */
    default void flushAndWait() {
        await(flush());
    }

    /** Waits for flushes, and throws what they failed with. */
    static <V extends @Nullable Object> V await(CompletableFuture<V> flushed) {
        return WriteAck.join(flushed);
    }

    /** Lets partitions that stopped, but for fenced ones, go on. */
    void resume();

    Stats stats();

    /**
     * Refuses new writes, flushes for at most {@code timeout} and stops the threads.
     *
     * @return how many pending rows were not flushed; where there is a journal, they stay in it
     */
    long close(Duration timeout);
}
