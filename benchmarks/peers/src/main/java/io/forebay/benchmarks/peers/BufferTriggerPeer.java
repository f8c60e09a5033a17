package io.forebay.benchmarks.peers;

import com.github.phantomthief.collection.BufferTrigger;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** buffer-trigger: a container per table that is swapped at the interval; the audit table's is bounded, its writers wait. */
final class BufferTriggerPeer implements Peer {
    private static final int MOST_AUDIT_ROWS = 200_000;

    private final Setting setting;
    private final BufferTrigger<Long> counters;
    private final BufferTrigger<Entry> stamps;
    private final BufferTrigger<Entry> audit;

    private record Entry(long id, Object value) {}

    BufferTriggerPeer(Setting setting) {
        this.setting = setting;
        this.counters = BufferTrigger.<Long, Map<Long, Long>>simple()
                .setContainerEx(ConcurrentHashMap::new, (map, id) -> map.merge(id, 1L, Long::sum) == 1 ? 1 : 0)
                .interval(setting.delaySeconds(), TimeUnit.SECONDS)
                .consumer(map -> setting.store().add(map))
                .build();
        this.stamps = entries(Integer.MAX_VALUE, map -> setting.store().write(Store.STAMPS, map));
        this.audit = entries(MOST_AUDIT_ROWS, map -> setting.store().write(Store.AUDIT, map));
    }

    private BufferTrigger<Entry> entries(int most, Consumer<Map<Long, Object>> flush) {
        return BufferTrigger.<Entry, Map<Long, Object>>simple()
                .setContainerEx(
                        ConcurrentHashMap::new, (map, entry) -> map.put(entry.id(), entry.value()) == null ? 1 : 0)
                .interval(setting.delaySeconds(), TimeUnit.SECONDS)
                .maxBufferCount(most)
                .enableBackPressure()
                .consumer(flush::accept)
                .build();
    }

    @Override
    public void increment(long id) {
        counters.enqueue(id);
    }

    @Override
    public void stamp(long id, long seen) {
        stamps.enqueue(new Entry(id, seen));
    }

    @Override
    public void audit(long id, String text) {
        audit.enqueue(new Entry(id, text));
    }

    @Override
    public Sent sent() {
        return setting.store().sent();
    }

    @Override
    public void close() {
        counters.close();
        stamps.close();
        audit.close();
    }
}
