package io.forebay.mongodb.client;

import com.mongodb.MongoClientException;
import com.mongodb.MongoNamespace;
import com.mongodb.MongoTimeoutException;
import io.forebay.Database;
import io.forebay.Forebay;
import io.forebay.ForebayException;
import io.forebay.MissingRow;
import io.forebay.Stats;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;

/** The buffer behind a client: its collections, its flushes, its counts. Thread-safe. */
final class Buffer {
    private final Forebay forebay;
    private final BufferedMongoOptions options;
    private final JournalCount journaled;
    private final Map<MongoNamespace, BufferedCollection> collections = new ConcurrentHashMap<>();
    private final LongAdder buffered = new LongAdder();
    private final LongAdder passed = new LongAdder();
    private final LongAdder forced = new LongAdder();
    private volatile BufferedMongoStats start = new BufferedMongoStats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    Buffer(Forebay forebay, BufferedMongoOptions options, JournalCount journaled) {
        this.forebay = forebay;
        this.options = options;
        this.journaled = journaled;
    }

    /** The name of a server's database in a {@link Forebay}; on a server, no two names differ in their case alone. */
    static String nameOf(String database) {
        return database.toLowerCase(Locale.ROOT);
    }

    Forebay forebay() {
        return forebay;
    }

    BufferedMongoOptions options() {
        return options;
    }

    /** The buffered collection of that name; empty if it is not buffered. */
    Optional<BufferedCollection> collection(MongoNamespace name) {
        return options.isBuffered(name) ? Optional.of(collections.computeIfAbsent(name, this::open)) : Optional.empty();
    }

    private BufferedCollection open(MongoNamespace name) {
        return new BufferedCollection(
                this,
                name,
                () -> database(name.getDatabaseName())
                        .table(name.getCollectionName(), table -> table.onMissingRow(MissingRow.IGNORE))
                        .documents());
    }

    private Database database(String name) {
        return forebay.database(nameOf(name));
    }

    /** Counts writes that were taken. */
    void took(int writes) {
        buffered.add(writes);
    }

    /** Waits until the server holds what is pending in the databases that are buffered; an operation then goes through. */
    void flushBefore() {
        passed.increment();
        CompletableFuture<Void> flush = flush();
        if (!flush.isDone()) forced.increment();
        flushAndWait(flush);
    }

    /** As {@link #flushBefore()}, for a read that may be asked to see the server as it is. */
    void flushBeforeRead() {
        if (options.reads() == ReadPolicy.READ_YOUR_WRITES) flushBefore();
        else passed.increment();
    }

    CompletableFuture<Void> flush() {
        return CompletableFuture.allOf(
                options.databases().stream().map(name -> database(name).flush()).toArray(CompletableFuture[]::new));
    }

    void flushAndWait(MongoNamespace collection) {
        if (!options.isBuffered(collection))
            throw new IllegalArgumentException(
                    "collection %s is not buffered; there are %s".formatted(collection, options.databases()));
        flushAndWait(database(collection.getDatabaseName()).flush());
    }

    void flushAndWait() {
        flushAndWait(flush());
    }

    private void flushAndWait(CompletableFuture<Void> flush) {
        try {
            flush.get(options.flushTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new MongoTimeoutException(
                    "the server has not taken what is pending within %s (flushTimeout); it stays in the buffer and will be flushed"
                            .formatted(options.flushTimeout()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MongoClientException("interrupted while waiting for a flush", e);
        } catch (ExecutionException e) {
            throw new MongoClientException("the flush before this operation failed: " + e.getMessage(), e.getCause());
        }
    }

    /** What failed in the buffer, as callers of the driver expect it. */
    static MongoClientException asDriverException(ForebayException e) {
        return new MongoClientException(e.getMessage(), e);
    }

    BufferedMongoStats stats() {
        return total().since(start);
    }

    void resetStats() {
        start = total();
    }

    private BufferedMongoStats total() {
        Collection<Stats> all =
                options.databases().stream().map(name -> database(name).stats()).toList();
        return new BufferedMongoStats(
                buffered.sum(),
                passed.sum(),
                sum(all, Stats::batches),
                forced.sum(),
                sum(all, Stats::overlayHits),
                sum(all, Stats::overlayMisses),
                journaled.windows(),
                sum(all, Stats::deadLetters),
                sum(all, Stats::pendingRows),
                sum(all, Stats::pendingBytes));
    }

    private static long sum(Collection<Stats> all, ToLongFunction<Stats> count) {
        return all.stream().mapToLong(count).sum();
    }

    /** Flushes and closes what is this client's own. */
    void close() {
        if (options.forebay() == null) forebay.close();
        else flushAndWait();
    }
}
