package io.forebay.benchmarks.peers;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A map and a timer, as they are written by hand: deltas are taken out of the map key by key, and put back if the flush fails. */
final class HandWrittenPeer implements Peer {
    private final Setting setting;
    private final Map<Long, Long> counters = new ConcurrentHashMap<>();
    private final Map<Long, Long> stamps = new ConcurrentHashMap<>();
    private final Map<Long, String> audit = new ConcurrentHashMap<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    HandWrittenPeer(Setting setting) {
        this.setting = setting;
        timer.scheduleWithFixedDelay(this::flush, setting.delaySeconds(), setting.delaySeconds(), TimeUnit.SECONDS);
    }

    @Override
    public void increment(long id) {
        counters.merge(id, 1L, Long::sum);
    }

    @Override
    public void stamp(long id, long seen) {
        stamps.put(id, seen);
    }

    @Override
    public void audit(long id, String text) {
        audit.put(id, text);
    }

    private void flush() {
        Map<Long, Long> deltas = drain(counters);
        try {
            setting.store().add(deltas);
        } catch (RuntimeException e) {
            deltas.forEach((id, delta) -> counters.merge(id, delta, Long::sum)); // some of them may count twice now
            throw e;
        }
        setting.store().write(Store.STAMPS, drain(stamps));
        setting.store().write(Store.AUDIT, drain(audit));
    }

    private static <V> Map<Long, V> drain(Map<Long, V> map) {
        Map<Long, V> drained = new HashMap<>();
        for (Long id : map.keySet()) drained.put(id, map.remove(id));
        return drained;
    }

    @Override
    public Sent sent() {
        return setting.store().sent();
    }

    @Override
    public void close() {
        timer.shutdown();
        flush();
    }
}
