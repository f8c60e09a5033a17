package io.forebay.redis.cache;

import io.forebay.spi.BaseRow;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Bytes;
import io.forebay.spi.ForwardingSink;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.Sink;
import io.forebay.spi.TableInfo;
import io.forebay.spi.Watermark;
import java.time.Duration;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A sink whose rows are kept in a {@link ConsistentCache}, each with the watermark it reflects, so that reads through
 * Forebay stay exact and seldom ask the database. A flush of this process drops the rows it touched, and lifts all others to
 * its watermark: they are as good there. A row that is too old for a read, because another process has flushed, is read from
 * the database.
 *
 * <p>The key of a row is {@code row:TABLE:VALUE}, for several values {@code row:TABLE:VALUE:VALUE}, with a backslash before
 * each colon and backslash of a name or value, and binary values in hexadecimal. Changes that other programs make have to be
 * told to that cache, by {@link RedisInvalidations}. That there is no such row is not kept. Thread-safe.
 */
public final class CachedRows extends ForwardingSink {
    private static final Logger LOG = LoggerFactory.getLogger(CachedRows.class);

    private final ConsistentCache<KeptRow> cache;
    private final Map<Lane, Lift> lifts = new ConcurrentHashMap<>();

    private CachedRows(Sink sink, ConsistentCache<KeptRow> cache) {
        super(sink);
        this.cache = cache;
    }

    private record Lane(UUID journal, int partition) {}

    /**
     * What this process's flushes say of rows that are kept.
     *
     * @param floor the watermark from which on every batch's rows were dropped; rows from before it are not lifted
     * @param top the watermark of the last of these batches: what is still there, is as it was read
     */
    private record Lift(long floor, long top) {
        static final Lift NONE = new Lift(Long.MAX_VALUE, -1);

        Lift after(Batch batch) {
            return top == batch.from() ? new Lift(floor, batch.to()) : from(batch);
        }

        static Lift from(Batch batch) {
            return new Lift(batch.to(), batch.to());
        }

        BaseRow raise(BaseRow row) {
            return row.watermark() >= floor && row.watermark() < top ? new BaseRow(top, row.columns()) : row;
        }
    }

    /**
     * Connects to Redis.
     *
     * @param settings of a cache that is for the rows of this database alone. A grace would keep rows out of it that are written
     *     often: {@link Duration#ZERO} is right if reads ask the primary, as exact ones do
     * @param near what is kept in this process
     * @throws CacheUnavailableException if Redis cannot be reached
     */
    public static CachedRows over(Sink sink, CacheSettings settings, NearPolicy near) {
        return new CachedRows(
                sink,
                ConsistentCache.builder(settings, KeptRow.CODEC)
                        .near(near)
                        .loading(LoadPolicy.DEFAULT.withNegativeTtl(Duration.ZERO))
                        .open());
    }

    /** The key under which a row is kept. */
    static String key(RowKey key) {
        StringJoiner name = new StringJoiner(":", "row:", "");
        name.add(escaped(key.table()));
        for (Object value : key.values())
            name.add(value instanceof Bytes bytes ? hex(bytes) : escaped(value.toString()));
        return name.toString();
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace(":", "\\:");
    }

    private static String hex(Bytes bytes) {
        return HexFormat.of().formatHex(bytes.toArray());
    }

    /** Whether rows are served from this process at this moment. */
    boolean isNear() {
        return cache.isNear();
    }

    /** What was done with the cache so far. */
    public CacheStats stats() {
        return cache.stats();
    }

    /** The lift is read before the row: a row that is there then has not been touched by a batch up to it. */
    @Override
    public BaseRow recall(UUID journal, int partition, TableInfo table, RowKey key) {
        Lift lift = lifts.getOrDefault(new Lane(journal, partition), Lift.NONE);
        Optional<KeptRow> kept = cache.get(key(key), it -> {
            BaseRow row = read(journal, partition, table, key);
            return row.columns().isEmpty() ? null : new KeptRow(journal, row);
        });
        return kept.filter(it -> it.journal().equals(journal))
                .map(it -> lift.raise(it.row()))
                .orElseGet(() -> read(journal, partition, table, key));
    }

    @Override
    public BatchResult apply(Batch batch) {
        BatchResult result = super.apply(batch);
        forget(batch);
        return result;
    }

    /** The batch is in the database: whatever becomes of the cache, its rows must not be lifted over it. */
    private void forget(Batch batch) {
        Set<String> touched = new HashSet<>();
        for (PendingRow row : batch.rows()) touched.add(key(row.key()));
        Lane lane = new Lane(batch.journal(), batch.partition());
        try {
            cache.invalidate(touched, Set.of(), Set.of());
            lifts.compute(lane, (it, lift) -> (lift == null ? Lift.NONE : lift).after(batch));
        } catch (CacheUnavailableException e) {
            lifts.put(lane, Lift.from(batch));
            LOG.debug("partition {}: cached rows are not lifted to {}", batch.partition(), batch.to(), e);
        }
    }

    @Override
    public Watermark own(UUID journal, int partition) {
        Watermark watermark = super.own(journal, partition);
        Lift lift = lifts.remove(new Lane(journal, partition));
        if (lift != null && watermark.sequence() < lift.top()) cache.flush("the database went back");
        return watermark;
    }

    /** Closes the sink too. */
    @Override
    public void close() {
        try {
            cache.close();
        } finally {
            super.close();
        }
    }
}
