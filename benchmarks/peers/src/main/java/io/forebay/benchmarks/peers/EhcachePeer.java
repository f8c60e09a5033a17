package io.forebay.benchmarks.peers;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.ehcache.Cache;
import org.ehcache.CacheManager;
import org.ehcache.config.builders.CacheConfigurationBuilder;
import org.ehcache.config.builders.CacheManagerBuilder;
import org.ehcache.config.builders.ResourcePoolsBuilder;
import org.ehcache.config.builders.WriteBehindConfigurationBuilder;
import org.ehcache.spi.loaderwriter.CacheLoaderWriter;
import org.jspecify.annotations.Nullable;

/** Ehcache 3: caches on the heap, batched write-behind with coalescing. It has no atomic update but compare-and-replace. */
final class EhcachePeer implements Peer {
    private static final long ENTRIES = 20_000_000; // nothing is evicted

    private final Setting setting;
    private final CacheManager manager;
    private final Cache<Long, Long> counters;
    private final Cache<Long, Long> stamps;
    private final Cache<Long, String> audit;

    EhcachePeer(Setting setting) {
        this.setting = setting;
        this.manager = CacheManagerBuilder.newCacheManagerBuilder().build(true);
        this.counters = cache(Store.COUNTERS, Long.class);
        this.stamps = cache(Store.STAMPS, Long.class);
        this.audit = cache(Store.AUDIT, String.class);
    }

    private <V> Cache<Long, V> cache(String table, Class<V> type) {
        return manager.createCache(
                table,
                CacheConfigurationBuilder.newCacheConfigurationBuilder(
                                Long.class, type, ResourcePoolsBuilder.heap(ENTRIES))
                        .withLoaderWriter(new Writer<V>(table, setting.store()))
                        .withService(WriteBehindConfigurationBuilder.newBatchedWriteBehindConfiguration(
                                        setting.delaySeconds(), TimeUnit.SECONDS, Store.MAX_ROWS)
                                .enableCoalescing()));
    }

    private record Writer<V>(String table, Store store) implements CacheLoaderWriter<Long, V> {
        @Override
        public @Nullable V load(Long key) {
            return null; // every row begins at zero
        }

        @Override
        public void write(Long key, V value) {
            store.write(table, Map.of(key, value));
        }

        @Override
        public void writeAll(Iterable<? extends Map.Entry<? extends Long, ? extends V>> entries) {
            Map<Long, V> batch = new HashMap<>();
            for (Map.Entry<? extends Long, ? extends V> entry : entries) batch.put(entry.getKey(), entry.getValue());
            store.write(table, batch);
        }

        @Override
        public void delete(Long key) {
            throw new UnsupportedOperationException("nothing is deleted");
        }
    }

    @Override
    public void increment(long id) {
        while (true) {
            Long value = counters.get(id);
            if (value == null ? counters.putIfAbsent(id, 1L) == null : counters.replace(id, value, value + 1)) return;
        }
    }

    @Override
    public void stamp(long id, long seen) {
        stamps.put(id, seen);
    }

    @Override
    public void audit(long id, String text) {
        audit.put(id, text);
    }

    @Override
    public Sent sent() {
        return setting.store().sent();
    }

    @Override
    public void close() {
        manager.close();
    }
}
