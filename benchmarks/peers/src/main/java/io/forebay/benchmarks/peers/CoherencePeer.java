package io.forebay.benchmarks.peers;

import com.tangosol.net.CacheFactory;
import com.tangosol.net.NamedCache;
import com.tangosol.net.cache.CacheStore;
import com.tangosol.util.InvocableMap;
import java.io.Serializable;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Coherence CE: one storage-enabled member, a read-write backing map with a write delay; increments by entry processor. */
final class CoherencePeer implements Peer {
    private final Setting setting;
    private final NamedCache<Long, Long> counters;
    private final NamedCache<Long, Long> stamps;
    private final NamedCache<Long, String> audit;

    CoherencePeer(Setting setting) {
        this.setting = setting;
        System.setProperty("coherence.cacheconfig", "coherence-write-behind.xml");
        System.setProperty(
                "coherence.cluster", "benchmark-" + ProcessHandle.current().pid());
        System.setProperty("coherence.localhost", "127.0.0.1");
        System.setProperty("coherence.wka", "127.0.0.1");
        System.setProperty("coherence.management", "none");
        System.setProperty("coherence.log.level", "2");
        System.setProperty("benchmark.write.delay", setting.delaySeconds() + "s");
        this.counters = CacheFactory.getCache(Store.COUNTERS);
        this.stamps = CacheFactory.getCache(Store.STAMPS);
        this.audit = CacheFactory.getCache(Store.AUDIT);
    }

    /** Made by Coherence, from the configuration, one for each cache. */
    public static final class WriteBehind implements CacheStore<Long, Object> {
        private final String table;

        /** Writes to the table of the cache's name. */
        public WriteBehind(String table) {
            this.table = table;
        }

        @Override
        public @Nullable Object load(Long key) {
            return null; // every row begins at zero
        }

        @Override
        public void store(Long key, Object value) {
            Store.current().write(table, Map.of(key, value));
        }

        @Override
        public void storeAll(Map<? extends Long, ? extends Object> entries) {
            Store.current().write(table, Map.<Long, Object>copyOf(entries));
        }

        @Override
        public void erase(Long key) {
            throw new UnsupportedOperationException("nothing is deleted");
        }

        @Override
        public void eraseAll(Collection<? extends Long> keys) {
            throw new UnsupportedOperationException("nothing is deleted");
        }
    }

    private static final class AddOne implements InvocableMap.EntryProcessor<Long, Long, Boolean>, Serializable {
        private static final long serialVersionUID = 1;

        @Override
        public Boolean process(InvocableMap.Entry<Long, Long> entry) {
            Long value = entry.getValue();
            entry.setValue(value == null ? 1 : value + 1);
            return true;
        }
    }

    private static final AddOne ADD_ONE = new AddOne();

    @Override
    public void increment(long id) {
        counters.invoke(id, ADD_ONE);
    }

    @Override
    public void stamp(long id, long seen) {
        stamps.putAll(Map.of(id, seen)); // unlike put, it does not return the old value
    }

    @Override
    public void audit(long id, String text) {
        audit.putAll(Map.of(id, text));
    }

    @Override
    public Sent sent() {
        return setting.store().sent();
    }

    @Override
    public void close() {
        CacheFactory.shutdown();
    }
}
