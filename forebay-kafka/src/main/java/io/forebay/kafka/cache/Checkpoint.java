package io.forebay.kafka.cache;

import java.util.Map;

/**
 * What a store reflects, kept with its data.
 *
 * @param clusterId of the cluster it was read from
 * @param topicId of the topic: another one for a topic that is created again under its name
 * @param fingerprint of the settings that decide what the store holds
 * @param caughtUpMillis wall clock at which it is known to have held everything up to the end of the topic; for a store
 *     that never did, when it was begun
 * @param positions by partition, the offset of the next record to read
 */
record Checkpoint(
        String clusterId, String topicId, String fingerprint, long caughtUpMillis, Map<Integer, Long> positions) {
    Checkpoint {
        positions = Map.copyOf(positions);
    }
}
