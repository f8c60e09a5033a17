package io.forebay.kafka.cache;

import io.forebay.kafka.cache.Stores.DamagedStoreException;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store that the topic is read into. When it cannot be trusted the next one is begun, and the one before stays visible
 * until the new one is complete. One thread, but for {@link #close}.
 */
final class Generations<H> {
    private static final Logger LOG = LoggerFactory.getLogger(Generations.class);

    private final Settings<?, ?> settings;
    private final Stores<H> stores;
    private final View<H> view;
    private final Counters counters;
    private @Nullable Store<H> current;
    private boolean opened;

    Generations(Settings<?, ?> settings, Stores<H> stores, View<H> view, Counters counters) {
        this.settings = settings;
        this.stores = stores;
        this.view = view;
        this.counters = counters;
    }

    /**
     * The store to go on with; a new one if there is none.
     *
     * @param records how many the topic has at most
     */
    Store<H> current(long records) {
        if (!opened) reopen();
        Store<H> store = current;
        if (store == null) current = store = stores.create(records);
        return store;
    }

    private void reopen() {
        opened = true;
        try {
            current = stores.reopen();
        } catch (DamagedStoreException e) {
            report(RebuildReason.DAMAGED, String.valueOf(e.getMessage()));
        }
    }

    /** Begins a new one. */
    void abandon(RebuildReason reason, String details) {
        report(reason, details);
        Store<H> store = current;
        current = null;
        if (store == null) return;
        if (store == view.storeOrNull()) view.rebuilding();
        else store.discard();
    }

    private void report(RebuildReason reason, String details) {
        counters.rebuilt(reason);
        LOG.warn("{}: reading the topic anew: {} ({})", settings.name(), reason, details);
    }

    boolean isVisible() {
        return current != null && current == view.storeOrNull() && view.state() == LogCacheState.READY;
    }

    /** Shows the current store, which is complete. */
    void show() {
        Store<H> complete = Objects.requireNonNull(current);
        Store<H> before = view.show(complete);
        if (before != null && before != complete) before.discard();
    }

    /** Why the store does not go with the topic; null if it does, or is empty. */
    static @Nullable RebuildReason mismatch(
            @Nullable Checkpoint checkpoint, Topic topic, String fingerprint, Map<TopicPartition, Extent> extents) {
        if (checkpoint == null) return null;
        if (!checkpoint.topicId().equals(topic.id()) || !checkpoint.clusterId().equals(topic.clusterId()))
            return RebuildReason.TOPIC_RECREATED;
        if (!checkpoint.fingerprint().equals(fingerprint)) return RebuildReason.OTHER_SETTINGS;
        for (Map.Entry<TopicPartition, Extent> extent : extents.entrySet()) {
            Long position = checkpoint.positions().get(extent.getKey().partition());
            if (position == null) continue; // added since
            if (position < extent.getValue().begin()
                    || position > extent.getValue().end()) return RebuildReason.OFFSET_OUT_OF_RANGE;
        }
        return null;
    }

    void close() {
        Store<H> visible = view.storeOrNull();
        if (visible != null) visible.close();
        Store<H> building = current;
        if (building != null) building.close();
        stores.close();
    }
}
