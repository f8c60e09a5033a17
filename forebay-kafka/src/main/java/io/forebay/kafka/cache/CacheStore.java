package io.forebay.kafka.cache;

import java.nio.file.Path;
import java.util.Objects;

/** Where a cache keeps its entries. */
public sealed interface CacheStore {
    /** On the heap, as objects: the fastest, filled from the topic at each start. The default. */
    static CacheStore memory() {
        return new Memory();
    }

    /**
     * In RocksDB files, as bytes, together with the position they reflect: a start reads what is newer. Needs {@code
     * org.rocksdb:rocksdbjni} on the class path. The directory belongs to one cache of one process at a time; it is made if
     * it does not exist. What it holds is built from the topic, so it may be deleted while no cache uses it.
     */
    static CacheStore rocksDb(Path directory) {
        return new RocksDb(directory);
    }

    /** See {@link CacheStore#memory}. */
    record Memory() implements CacheStore {}

    /** See {@link CacheStore#rocksDb}. */
    record RocksDb(Path directory) implements CacheStore {
        public RocksDb {
            Objects.requireNonNull(directory, "directory");
        }
    }
}
