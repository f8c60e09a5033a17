package io.forebay.redis;

import io.forebay.redis.internal.RedisLink;
import java.util.List;

/** The names of a buffer's keys. All keys of a partition are in one hash slot, and those of the whole buffer in another. */
final class BufferKeys {
    private final RedisLink link;
    private final String database;

    BufferKeys(RedisLink link, String database) {
        this.link = link;
        this.database = database;
    }

    /** Identity, number of partitions, format. */
    byte[] facts() {
        return whole("facts");
    }

    byte[] tables() {
        return whole("tables");
    }

    /** Who takes part in flushing. */
    byte[] feeds() {
        return whole("feeds");
    }

    byte[] lease(int partition) {
        return of(partition, "lease");
    }

    byte[] probe(int partition, int number) {
        return of(partition, "probe" + number);
    }

    /** The partition's own state; then the sets that are closed; then its writers. */
    List<byte[]> partition(int partition) {
        return List.of(of(partition, "meta"), of(partition, "closed"), of(partition, "writers"));
    }

    /** One set: its rows, their values, its rows without a key. */
    List<byte[]> set(int partition, long number) {
        return List.of(
                of(partition, number + ":rows"), of(partition, number + ":values"), of(partition, number + ":appends"));
    }

    private byte[] whole(String name) {
        return link.key("{" + database + "}:" + name);
    }

    private byte[] of(int partition, String name) {
        return link.key("{" + database + ":" + partition + "}:" + name);
    }
}
