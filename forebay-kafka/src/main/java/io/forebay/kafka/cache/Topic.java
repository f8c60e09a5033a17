package io.forebay.kafka.cache;

/**
 * What Kafka says about the topic.
 *
 * @param id another one after the topic was deleted and created again
 * @param deleteRetentionMillis how long a deletion stays in the topic at least; {@link Long#MAX_VALUE} where the topic is
 *     not compacted and they stay as long as all else
 */
record Topic(String clusterId, String id, int partitions, long deleteRetentionMillis) {}
