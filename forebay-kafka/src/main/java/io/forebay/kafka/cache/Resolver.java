package io.forebay.kafka.cache;

import java.util.List;

/**
 * Makes of one record the changes it stands for: none, one or several, under keys of its choice.
 *
 * <p>It must be a function of the record alone, the same today and tomorrow, because the topic is read again after a
 * restart. What it makes of a record holds until the next record with the same key: a key that was put by the one and is
 * not put by the other is gone, so that a cache that ran all the time and one that is built from the compacted topic are
 * equal. If records with different keys put the same key, the one with the newest timestamp is seen. A deletion in the topic
 * removes all that its key put, and is not shown to the resolver.
 *
 * <p>One thread calls it. What it throws makes the record a bad one, see {@link BadRecords}.
 */
@FunctionalInterface
public interface Resolver<K, V> {
    /** The changes; {@link Change#skip} for none. No key twice. */
    List<Change<K, V>> resolve(LogRecord<K, V> record);
}
