package io.forebay.internal.pending;

import io.forebay.spi.Bytes;
import io.forebay.spi.RowKey;
import io.forebay.spi.TableDefinition;
import java.math.BigDecimal;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Which partition a row belongs to. The hash is the same in every process and every version, because rows that are still
 * pending in the journal must stay in order with those that come after a restart.
 */
public final class Router {
    private final int partitions;

    public Router(int partitions) {
        this.partitions = partitions;
    }

    /**
     * Partition of a row.
     *
     * @param routing value of the routing column; null if the table has none
     */
    public int partition(TableDefinition table, RowKey key, @Nullable Object routing) {
        if (table.group() != null) return grouped(table, routing);
        return spread(31 * table.info().name().hashCode() + hash(key.values()));
    }

    /** Partition of a row without a key: one per table or group, so that the order is kept, unless spreading is asked for. */
    public int appendPartition(TableDefinition table, @Nullable Object routing) {
        if (table.group() != null) return grouped(table, routing);
        if (table.spread()) return ThreadLocalRandom.current().nextInt(partitions);
        return spread(table.info().name().hashCode());
    }

    /** Partition of what has no table, by its key alone. */
    public int partition(Object key) {
        return spread(hash(key));
    }

    private int grouped(TableDefinition table, @Nullable Object routing) {
        int hash = String.valueOf(table.group()).hashCode();
        return spread(routing == null ? hash : 31 * hash + hash(routing));
    }

    private static int hash(List<Object> values) {
        int hash = 1;
        for (int i = 0; i < values.size(); i++) hash = 31 * hash + hash(values.get(i));
        return hash;
    }

    /** Classes whose hashCode is specified use it, the others that of their specified text. */
    private static int hash(Object value) {
        boolean specified = value instanceof String
                || value instanceof Long
                || value instanceof UUID
                || value instanceof Boolean
                || value instanceof BigDecimal
                || value instanceof Bytes;
        return specified ? value.hashCode() : value.toString().hashCode();
    }

    /** Finalizer of MurmurHash3 (A. Appleby, public domain), so that the low bits depend on all of them. */
    private int spread(int hash) {
        int h = hash;
        h = (h ^ h >>> 16) * 0x85ebca6b;
        h = (h ^ h >>> 13) * 0xc2b2ae35;
        h ^= h >>> 16;
        return Math.floorMod(h, partitions);
    }
}
