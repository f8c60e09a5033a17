package io.forebay.kafka.cache;

import io.forebay.kafka.cache.Stores.DamagedStoreException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Entries in one RocksDB. What a poll brought and the position behind it are one write batch, so that a process that dies
 * leaves both or neither.
 */
final class RocksStore implements Store<byte[]> {
    private static final long BLOCK_CACHE_BYTES = 64L << 20;

    private final Path directory;
    private final Cache blocks = new LRUCache(BLOCK_CACHE_BYTES);
    private final BloomFilter bloom = new BloomFilter(10);
    private final Options options;
    private final WriteOptions writing = new WriteOptions();
    private final RocksDB db;
    private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock(); // closing waits for whoever reads
    private boolean closed; // guarded by lock
    private volatile @Nullable Checkpoint checkpoint;

    private RocksStore(Path directory, boolean create) throws RocksDBException {
        this.directory = directory;
        this.options = new Options()
                .setCreateIfMissing(create)
                .setErrorIfExists(create)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setKeepLogFileNum(2)
                .setMaxBackgroundJobs(2)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(blocks)
                        .setFilterPolicy(bloom)
                        .setWholeKeyFiltering(true));
        try {
            this.db = RocksDB.open(options, directory.toString());
        } catch (RocksDBException e) {
            closeOptions();
            throw e;
        }
    }

    /** A new database in a directory that does not exist. */
    static RocksStore create(Path directory) {
        try {
            return new RocksStore(directory, true);
        } catch (RocksDBException e) {
            throw new CacheStoreException("no store can be made in " + directory + ": " + e.getMessage(), e);
        }
    }

    /**
     * The database in the directory.
     *
     * @throws DamagedStoreException if it is not what was written
     */
    static RocksStore open(Path directory) {
        RocksStore store = opened(directory);
        try {
            byte[] bytes = store.db.get(RocksFormat.CHECKPOINT);
            if (bytes != null) store.checkpoint = RocksFormat.checkpoint(bytes);
            return store;
        } catch (RocksDBException | UncheckedIOException e) {
            store.close();
            throw new DamagedStoreException(directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static RocksStore opened(Path directory) {
        try {
            return new RocksStore(directory, false);
        } catch (RocksDBException e) {
            if (isDamage(e)) throw new DamagedStoreException(directory + " is damaged: " + e.getMessage(), e);
            throw new CacheStoreException("the store in " + directory + " cannot be opened: " + e.getMessage(), e);
        }
    }

    private static boolean isDamage(RocksDBException e) {
        Status status = e.getStatus();
        if (status == null) return false;
        return switch (status.getCode()) {
            case Corruption, InvalidArgument, NotFound -> true;
            case IOError -> String.valueOf(e.getMessage()).contains("No such file");
            default -> false;
        };
    }

    @Override
    public List<Claim<byte[]>> claims(Key key) {
        byte[] bytes = reading(() -> db.get(RocksFormat.entry(key)));
        return bytes == null ? List.of() : RocksFormat.claims(key, bytes);
    }

    private List<Key> derived(Key source) {
        byte[] bytes = reading(() -> db.get(RocksFormat.source(source)));
        return bytes == null ? List.of() : RocksFormat.keys(bytes);
    }

    @Override
    public List<Held<byte[]>> page(Key from, boolean inclusive, @Nullable Key end, int max) {
        return reading(() -> {
            List<Held<byte[]>> page = new ArrayList<>();
            try (RocksIterator at = db.newIterator()) {
                for (at.seek(RocksFormat.entry(from)); at.isValid() && page.size() < max; at.next()) {
                    byte[] stored = at.key();
                    if (stored[0] != RocksFormat.ENTRY) break;
                    Key key = new Key(Arrays.copyOfRange(stored, 1, stored.length));
                    if (end != null && key.compareTo(end) >= 0) break;
                    if (!inclusive && key.equals(from)) continue;
                    Claim<byte[]> seen = Claims.seen(RocksFormat.claims(key, at.value()));
                    if (seen != null) page.add(new Held<>(key, seen));
                }
                at.status();
            }
            return page;
        });
    }

    @Override
    public StoreBatch<byte[]> begin() {
        return new Batch();
    }

    /** Changes in memory until they are written: each key once, however often it changed. */
    private final class Batch implements StoreBatch<byte[]> {
        private final Map<Key, List<Claim<byte[]>>> entries = new LinkedHashMap<>(); // neighbours stay so
        private final Map<Key, List<Key>> sources = new LinkedHashMap<>();

        @Override
        public List<Claim<byte[]>> claims(Key key) {
            List<Claim<byte[]>> changed = entries.get(key);
            return changed == null ? RocksStore.this.claims(key) : changed;
        }

        @Override
        public void put(Key key, List<Claim<byte[]>> claims) {
            entries.put(key, claims);
        }

        @Override
        public List<Key> derived(Key source) {
            List<Key> changed = sources.get(source);
            return changed == null ? RocksStore.this.derived(source) : changed;
        }

        @Override
        public void derive(Key source, List<Key> keys) {
            sources.put(source, keys);
        }

        @Override
        public void commit(Checkpoint next) {
            checkpoint = reading(() -> {
                try (WriteBatch batch = new WriteBatch()) {
                    for (Map.Entry<Key, List<Claim<byte[]>>> entry : entries.entrySet()) {
                        byte[] key = RocksFormat.entry(entry.getKey());
                        if (entry.getValue().isEmpty()) batch.delete(key);
                        else batch.put(key, RocksFormat.claims(entry.getKey(), entry.getValue()));
                    }
                    for (Map.Entry<Key, List<Key>> source : sources.entrySet()) {
                        byte[] key = RocksFormat.source(source.getKey());
                        if (source.getValue().isEmpty()) batch.delete(key);
                        else batch.put(key, RocksFormat.keys(source.getValue()));
                    }
                    batch.put(RocksFormat.CHECKPOINT, RocksFormat.checkpoint(next));
                    db.write(writing, batch);
                }
                return next;
            });
        }
    }

    @Override
    public @Nullable Checkpoint checkpoint() {
        return checkpoint;
    }

    @Override
    public long entries() {
        return property("rocksdb.estimate-num-keys");
    }

    @Override
    public long bytes() {
        return property("rocksdb.total-sst-files-size");
    }

    private long property(String name) {
        Long value = reading(() -> db.getLongProperty(name));
        return value == null ? 0 : value;
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (closed) return;
            closed = true;
            db.close();
            closeOptions();
        } finally {
            lock.writeLock().unlock();
        }
    }

    private void closeOptions() {
        options.close();
        writing.close();
        bloom.close();
        blocks.close();
    }

    @Override
    public void discard() {
        close();
        Directories.delete(directory);
    }

    private interface Reading<T extends @Nullable Object> {
        T read() throws RocksDBException;
    }

    /** With the database open until it is done: a call into a closed one would end the JVM. */
    private <T extends @Nullable Object> T reading(Reading<T> reading) {
        Lock shared = lock.readLock();
        shared.lock();
        try {
            if (closed) throw new StoreClosedException();
            return reading.read();
        } catch (RocksDBException e) {
            if (isDamage(e)) throw new DamagedStoreException(directory + " is damaged: " + e.getMessage(), e);
            throw new CacheStoreException("the store in " + directory + " failed: " + e.getMessage(), e);
        } finally {
            shared.unlock();
        }
    }
}
