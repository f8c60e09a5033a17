package io.forebay.benchmarks.peers;

import com.hazelcast.config.Config;
import com.hazelcast.config.InMemoryFormat;
import com.hazelcast.config.MapConfig;
import com.hazelcast.config.MapStoreConfig;
import com.hazelcast.core.Hazelcast;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.EntryProcessor;
import com.hazelcast.map.IMap;
import com.hazelcast.map.MapStore;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Hazelcast: one embedded member, maps with a write-behind MapStore that coalesces; increments by entry processor. */
final class HazelcastPeer implements Peer {
    private final Setting setting;
    private final HazelcastInstance member;
    private final IMap<Long, Long> counters;
    private final IMap<Long, Long> stamps;
    private final IMap<Long, String> audit;

    HazelcastPeer(Setting setting) {
        this.setting = setting;
        Config config = new Config()
                .setProperty("hazelcast.logging.type", "slf4j")
                .setProperty("hazelcast.phone.home.enabled", "false");
        config.getNetworkConfig().getJoin().getMulticastConfig().setEnabled(false);
        config.getNetworkConfig().getJoin().getAutoDetectionConfig().setEnabled(false);
        config.getNetworkConfig().getInterfaces().setEnabled(true).addInterface("127.0.0.1");
        for (String table : List.of(Store.COUNTERS, Store.STAMPS, Store.AUDIT)) config.addMapConfig(map(table));
        this.member = Hazelcast.newHazelcastInstance(config);
        this.counters = member.getMap(Store.COUNTERS);
        this.stamps = member.getMap(Store.STAMPS);
        this.audit = member.getMap(Store.AUDIT);
    }

    private MapConfig map(String table) {
        return new MapConfig(table)
                .setInMemoryFormat(InMemoryFormat.OBJECT)
                .setBackupCount(0)
                .setMapStoreConfig(new MapStoreConfig()
                        .setEnabled(true)
                        .setImplementation(new Writer(table, setting.store()))
                        .setWriteDelaySeconds(setting.delaySeconds())
                        .setWriteBatchSize(Store.MAX_ROWS)
                        .setWriteCoalescing(true));
    }

    private record Writer(String table, Store store) implements MapStore<Long, Object> {
        @Override
        public void store(Long key, Object value) {
            store.write(table, Map.of(key, value));
        }

        @Override
        public void storeAll(Map<Long, Object> entries) {
            store.write(table, entries);
        }

        @Override
        public void delete(Long key) {
            throw new UnsupportedOperationException("nothing is deleted");
        }

        @Override
        public void deleteAll(Collection<Long> keys) {
            throw new UnsupportedOperationException("nothing is deleted");
        }

        @Override
        public @Nullable Object load(Long key) {
            return null; // every row begins at zero
        }

        @Override
        public Map<Long, Object> loadAll(Collection<Long> keys) {
            return Map.of();
        }

        @Override
        public @Nullable Iterable<Long> loadAllKeys() {
            return null;
        }
    }

    private static final class AddOne implements EntryProcessor<Long, Long, Boolean> {
        private static final long serialVersionUID = 1;

        @Override
        public Boolean process(Map.Entry<Long, Long> entry) {
            Long value = entry.getValue();
            entry.setValue(value == null ? 1 : value + 1);
            return true;
        }

        @Override
        public @Nullable EntryProcessor<Long, Long, Boolean> getBackupProcessor() {
            return null;
        }
    }

    private static final AddOne ADD_ONE = new AddOne();

    @Override
    public void increment(long id) {
        counters.executeOnKey(id, ADD_ONE);
    }

    @Override
    public void stamp(long id, long seen) {
        stamps.set(id, seen);
    }

    @Override
    public void audit(long id, String text) {
        audit.set(id, text);
    }

    @Override
    public Sent sent() {
        return setting.store().sent();
    }

    @Override
    public void close() {
        member.shutdown();
    }
}
