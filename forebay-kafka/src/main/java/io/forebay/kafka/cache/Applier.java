package io.forebay.kafka.cache;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** Lays records into a store, one after the other, and collects what changed for listeners. One thread. */
final class Applier<K, V, H> {
    private final @Nullable Resolver<K, V> resolver; // null: each record is about its own key and no other
    private final Decoder<K, V> decoder;
    private final KeyForm<K> keys;
    private final ValueForm<V, H> values;
    private final BadRecordHandler badRecords;
    private final Counters counters;
    private final Placement<H> placement = new Placement<>(this::changed);
    private @Nullable List<Changed<H>> changes; // null while nobody listens
    private boolean ordered;

    /** A key whose visible claim changed; null if it has none. */
    record Changed<H>(Key key, @Nullable Claim<H> now) {}

    Applier(
            Settings<K, V> settings,
            KeyForm<K> keys,
            ValueForm<V, H> values,
            BadRecordHandler badRecords,
            Counters counters) {
        this.resolver = settings.resolver().orElse(keys.isCanonical() ? null : Applier::itself);
        this.decoder = new Decoder<>(settings);
        this.keys = keys;
        this.values = values;
        this.badRecords = badRecords;
        this.counters = counters;
    }

    private static <K, V> List<Change<K, V>> itself(LogRecord<K, V> record) {
        return List.of(Change.put(record.key(), record.value()));
    }

    /** Begins to collect changes anew, or none; {@code ordered} if all records are of one partition. */
    void begin(boolean listened, boolean ordered) {
        changes = listened ? new ArrayList<>() : null;
        this.ordered = ordered;
    }

    /** What was collected, in order. */
    List<Changed<H>> collected() {
        return changes == null ? List.of() : changes;
    }

    private void changed(Key key, @Nullable Claim<H> now) {
        if (changes != null) changes.add(new Changed<>(key, now));
    }

    /**
     * Applies one record.
     *
     * @throws CacheStoppedException if it is a bad one and the cache is to end there
     */
    void apply(StoreBatch<H> batch, ConsumerRecord<byte[], byte[]> record) {
        counters.lastAppliedMillis = Math.max(0, record.timestamp());
        if (record.key() == null) {
            counters.nullKeys.increment();
            return;
        }
        if (decoder.isDeletion(record)) {
            delete(batch, record);
            return;
        }
        try {
            LogRecord<K, V> decoded = decoder.decode(record);
            if (decoded == null) delete(batch, record);
            else if (resolver == null) place(batch, record, decoded);
            else place(batch, record, decoded, resolver);
        } catch (BadRecordException e) {
            badRecords.handle(record, e);
            clear(batch, record);
        }
    }

    private void delete(StoreBatch<H> batch, ConsumerRecord<byte[], byte[]> record) {
        clear(batch, record);
        counters.deleted.increment();
    }

    private void clear(StoreBatch<H> batch, ConsumerRecord<byte[], byte[]> record) {
        Claim<H> nothing = claim(record, null);
        if (resolver == null) placeItself(batch, nothing);
        else placement.replace(batch, nothing, Map.of());
    }

    private void place(StoreBatch<H> batch, ConsumerRecord<byte[], byte[]> record, LogRecord<K, V> decoded) {
        decoder.checkChange(decoded.key(), decoded.value());
        placeItself(batch, claim(record, values.ofRecord(decoded.value(), record.value())));
        counters.applied.increment();
    }

    private void place(
            StoreBatch<H> batch,
            ConsumerRecord<byte[], byte[]> record,
            LogRecord<K, V> decoded,
            Resolver<K, V> makesChanges) {
        List<Change<K, V>> made = decoder.resolve(makesChanges, decoded);
        Map<Key, Claim<H>> claims = claims(record, made);
        placement.replace(batch, claim(record, null), claims);
        (made.isEmpty() ? counters.skipped : counters.applied).increment();
    }

    private Map<Key, Claim<H>> claims(ConsumerRecord<byte[], byte[]> record, List<Change<K, V>> made) {
        Map<Key, Claim<H>> claims = new LinkedHashMap<>();
        try {
            for (Change<K, V> change : made) {
                @Nullable H value = change instanceof Change.Put<K, V> put ? values.of(put.value()) : null;
                if (claims.put(keys.of(change.key()), claim(record, value)) != null)
                    throw new IllegalArgumentException("it makes two changes to one key");
            }
        } catch (RuntimeException e) {
            throw BadRecordException.poison("the resolver's changes cannot be stored", e);
        }
        return claims;
    }

    private void placeItself(StoreBatch<H> batch, Claim<H> claim) {
        if (ordered && changes == null) placement.overwrite(batch, claim);
        else placement.replaceItself(batch, claim);
    }

    private Claim<H> claim(ConsumerRecord<byte[], byte[]> record, @Nullable H value) {
        return new Claim<>(
                new Key(record.key()), record.partition(), record.offset(), Math.max(0, record.timestamp()), value);
    }
}
