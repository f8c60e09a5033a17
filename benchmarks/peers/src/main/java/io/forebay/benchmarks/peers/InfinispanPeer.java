package io.forebay.benchmarks.peers;

import io.reactivex.rxjava3.core.Flowable;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.infinispan.Cache;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.cache.CustomStoreConfiguration;
import org.infinispan.configuration.cache.CustomStoreConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.context.Flag;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.persistence.spi.InitializationContext;
import org.infinispan.persistence.spi.MarshallableEntry;
import org.infinispan.persistence.spi.NonBlockingStore;
import org.infinispan.util.concurrent.BlockingManager;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;

/**
 * Infinispan: local caches with an asynchronous store. There is no delay to set: it writes at once, and what comes during a
 * write is coalesced into the next one.
 */
final class InfinispanPeer implements Peer {
    private static final int QUEUE = 100_000;

    private final Setting setting;
    private final DefaultCacheManager manager;
    private final Cache<Long, Long> counters;
    private final Cache<Long, Long> stamps;
    private final Cache<Long, String> audit;

    InfinispanPeer(Setting setting) {
        this.setting = setting;
        this.manager = new DefaultCacheManager(new GlobalConfigurationBuilder().build());
        this.counters = cache(Store.COUNTERS);
        this.stamps = cache(Store.STAMPS);
        this.audit = cache(Store.AUDIT);
    }

    private <V> Cache<Long, V> cache(String table) {
        ConfigurationBuilder configuration = new ConfigurationBuilder();
        configuration
                .persistence()
                .addStore(CustomStoreConfigurationBuilder.class)
                .customStoreClass(Writer.class)
                .segmented(false)
                .maxBatchSize(Store.MAX_ROWS)
                .addProperty("table", table)
                .async()
                .enable()
                .modificationQueueSize(QUEUE);
        manager.defineConfiguration(table, configuration.build());
        Cache<Long, V> cache = manager.getCache(table);
        return cache.getAdvancedCache().withFlags(Flag.IGNORE_RETURN_VALUES);
    }

    /** Made by Infinispan, from the configuration, one for each cache. */
    public static final class Writer implements NonBlockingStore<Long, Object> {
        private @Nullable BlockingManager blocking;
        private String table = "";

        @Override
        public Set<Characteristic> characteristics() {
            return EnumSet.of(Characteristic.WRITE_ONLY); // Infinispan removes from it
        }

        @Override
        public CompletionStage<Void> start(InitializationContext context) {
            blocking = context.getBlockingManager();
            CustomStoreConfiguration configuration = context.getConfiguration();
            table = configuration.properties().getProperty("table");
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<Void> stop() {
            return CompletableFuture.completedFuture(null);
        }

        @Override
        public CompletionStage<@Nullable MarshallableEntry<Long, Object>> load(int segment, Object key) {
            return CompletableFuture.completedFuture(null); // every row begins at zero
        }

        @Override
        public CompletionStage<Void> write(int segment, MarshallableEntry<? extends Long, ? extends Object> entry) {
            return store(Map.of(entry.getKey(), entry.getValue()));
        }

        @Override
        public CompletionStage<Void> batch(
                int publishers,
                Publisher<SegmentedPublisher<Object>> removals,
                Publisher<SegmentedPublisher<MarshallableEntry<Long, Object>>> writes) {
            CompletionStage<Long> removed =
                    Flowable.fromPublisher(removals).flatMap(it -> it).count().toCompletionStage();
            CompletionStage<HashMap<Long, Object>> written = Flowable.fromPublisher(writes)
                    .flatMap(it -> it)
                    .collect(HashMap<Long, Object>::new, (map, entry) -> map.put(entry.getKey(), entry.getValue()))
                    .toCompletionStage();
            return removed.thenCombine(written, (count, entries) -> entries).thenCompose(this::store);
        }

        private CompletionStage<Void> store(Map<Long, Object> entries) {
            BlockingManager manager = blocking;
            if (manager == null) throw new IllegalStateException("not started");
            return manager.runBlocking(() -> Store.current().write(table, entries), table);
        }

        @Override
        public CompletionStage<Boolean> delete(int segment, Object key) {
            throw new UnsupportedOperationException("nothing is deleted");
        }

        @Override
        public CompletionStage<Void> clear() {
            throw new UnsupportedOperationException("nothing is deleted");
        }
    }

    @Override
    public void increment(long id) {
        counters.compute(id, (key, value) -> value == null ? 1 : value + 1);
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
        manager.stop();
    }
}
