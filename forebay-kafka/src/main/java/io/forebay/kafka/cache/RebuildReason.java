package io.forebay.kafka.cache;

/** Why a topic was read anew in place of going on where the store stood. */
public enum RebuildReason {
    /** The topic, or the whole cluster, is another one than before. */
    TOPIC_RECREATED,
    /** Records were deleted from the topic before they were read, or the topic ends before what was read. */
    OFFSET_OUT_OF_RANGE,
    /** The cache had not seen the end of the topic for longer than the topic keeps deletions ({@code delete.retention.ms}). */
    TOO_OLD,
    /** The cache was built with another start, isolation or version, or by another release. */
    OTHER_SETTINGS,
    /** The files of the store are damaged. */
    DAMAGED
}
