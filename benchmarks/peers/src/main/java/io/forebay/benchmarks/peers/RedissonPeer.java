package io.forebay.benchmarks.peers;

import java.util.Collection;
import java.util.Map;
import org.redisson.Redisson;
import org.redisson.api.RMap;
import org.redisson.api.RedissonClient;
import org.redisson.api.map.MapWriter;
import org.redisson.api.map.WriteMode;
import org.redisson.api.options.MapOptions;
import org.redisson.client.codec.Codec;
import org.redisson.client.codec.LongCodec;
import org.redisson.client.codec.StringCodec;
import org.redisson.codec.CompositeCodec;
import org.redisson.config.Config;

/** Redisson: maps in Redis with a write-behind MapWriter; Redis outlives the process. */
final class RedissonPeer implements Peer {
    private final Setting setting;
    private final RedissonClient client;
    private final RMap<Long, Long> counters;
    private final RMap<Long, Long> stamps;
    private final RMap<Long, String> audit;

    RedissonPeer(Setting setting) {
        this.setting = setting;
        Config config = new Config();
        config.useSingleServer().setAddress("redis://127.0.0.1:" + setting.redisPort());
        this.client = Redisson.create(config);
        if (setting.fresh()) client.getKeys().flushall();
        this.counters = map(Store.COUNTERS, LongCodec.INSTANCE);
        this.stamps = map(Store.STAMPS, LongCodec.INSTANCE);
        this.audit = map(Store.AUDIT, StringCodec.INSTANCE);
    }

    private <V> RMap<Long, V> map(String table, Codec values) {
        return client.getMap(MapOptions.<Long, V>name(table)
                .codec(new CompositeCodec(LongCodec.INSTANCE, values))
                .writeMode(WriteMode.WRITE_BEHIND)
                .writeBehindBatchSize(Store.MAX_ROWS)
                .writeBehindDelay(setting.delaySeconds() * 1_000)
                .writeRetryAttempts(3)
                .writer(new Writer<V>(table, setting.store()))); // last: it takes the number of attempts as it is then
    }

    private record Writer<V>(String table, Store store) implements MapWriter<Long, V> {
        @Override
        public void write(Map<Long, V> entries) {
            store.write(table, entries);
        }

        @Override
        public void delete(Collection<Long> keys) {
            throw new UnsupportedOperationException("nothing is deleted");
        }
    }

    @Override
    public void increment(long id) {
        counters.addAndGet(id, 1L);
    }

    @Override
    public void stamp(long id, long seen) {
        stamps.fastPut(id, seen);
    }

    @Override
    public void audit(long id, String text) {
        audit.fastPut(id, text);
    }

    @Override
    public Sent sent() {
        return setting.store().sent();
    }

    @Override
    public void close() {
        client.shutdown();
    }
}
