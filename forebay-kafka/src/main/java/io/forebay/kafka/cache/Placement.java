package io.forebay.kafka.cache;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Lays the changes of records into a store, so that what a source key holds is what its newest record says, and no more.
 * One thread.
 */
final class Placement<H> {
    private final BiConsumer<Key, @Nullable Claim<H>> seen;

    /** Calls {@code seen} with each key whose visible claim changed; null if it has none any more. */
    Placement(BiConsumer<Key, @Nullable Claim<H>> seen) {
        this.seen = seen;
    }

    /** Makes {@code next}'s value all that its source holds, under the source itself. */
    void replaceItself(StoreBatch<H> batch, Claim<H> next) {
        Key source = next.source();
        change(batch, source, next.value() == null ? null : next, next);
    }

    /**
     * The same without looking at what is there, which costs most on disk: for a topic of one partition, where no record is older
     * than one before it, and while nobody asks what changed.
     */
    void overwrite(StoreBatch<H> batch, Claim<H> next) {
        batch.put(next.source(), next.value() == null ? List.of() : List.of(next));
    }

    /**
     * Makes {@code values}, by key, all that the source of {@code next} holds.
     *
     * @param values null for a key that is deleted
     */
    void replace(StoreBatch<H> batch, Claim<H> next, Map<Key, Claim<H>> values) {
        Map<Key, Claim<H>> all = new LinkedHashMap<>(values);
        List<Key> kept = new ArrayList<>(values.keySet());
        for (Key before : held(batch, next.source())) {
            if (all.containsKey(before)) continue;
            change(batch, before, null, next);
            if (holds(batch, before, next.source())) kept.add(before);
        }
        values.forEach((key, claim) -> change(batch, key, claim, next));
        boolean itself = kept.isEmpty() || kept.equals(List.of(next.source()));
        batch.derive(next.source(), itself ? List.of() : kept);
    }

    private List<Key> held(StoreBatch<H> batch, Key source) {
        List<Key> derived = batch.derived(source);
        return derived.isEmpty() ? List.of(source) : derived;
    }

    private boolean holds(StoreBatch<H> batch, Key key, Key source) {
        return batch.claims(key).stream().anyMatch(claim -> claim.source().equals(source));
    }

    private void change(StoreBatch<H> batch, Key key, @Nullable Claim<H> claim, Claim<H> next) {
        List<Claim<H>> before = batch.claims(key);
        List<Claim<H>> after = claim == null ? Claims.without(before, next) : Claims.with(before, claim);
        if (before.isEmpty() && after.isEmpty()) return;
        batch.put(key, after);
        Claim<H> now = Claims.seen(after);
        if (!Objects.equals(now, Claims.seen(before))) seen.accept(key, now);
    }
}
