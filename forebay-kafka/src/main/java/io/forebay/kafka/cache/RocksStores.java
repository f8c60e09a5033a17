package io.forebay.kafka.cache;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;

/**
 * The generations of a directory, each a database of its own: while one is built anew its predecessor can be read. The
 * newest is the one that counts; a process that dies in the middle goes on with it.
 */
final class RocksStores implements Stores<byte[]> {
    private static final String GENERATION = "generation-";

    private final Path directory;
    private final FileChannel lockFile;
    private int newest;

    private RocksStores(Path directory, FileChannel lockFile) {
        this.directory = directory;
        this.lockFile = lockFile;
    }

    /**
     * Takes the directory for this process.
     *
     * @throws CacheStoreException if another cache has it, or it cannot be used
     */
    static RocksStores in(Path directory) {
        RocksDB.loadLibrary();
        try {
            Files.createDirectories(directory);
            return new RocksStores(directory, locked(directory));
        } catch (IOException e) {
            throw new CacheStoreException("the directory " + directory + " cannot be used: " + e, e);
        }
    }

    private static FileChannel locked(Path directory) throws IOException {
        FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // held within this process: the same answer as from another one
        }
        if (lock != null) return channel;
        channel.close();
        throw new CacheStoreException(
                "the directory " + directory + " is in use by another cache; give each cache a directory of its own",
                null);
    }

    @Override
    public @Nullable Store<byte[]> reopen() {
        List<Path> generations = generations();
        if (generations.isEmpty()) return null;
        Path last = generations.remove(generations.size() - 1);
        newest = number(last);
        generations.forEach(Directories::delete);
        try {
            return RocksStore.open(last);
        } catch (DamagedStoreException e) {
            Directories.delete(last);
            throw e;
        }
    }

    @Override
    public Store<byte[]> create(long records) {
        newest++;
        Path next = directory.resolve(GENERATION + newest);
        Directories.delete(next);
        return RocksStore.create(next);
    }

    private List<Path> generations() {
        try (Stream<Path> files = Files.list(directory)) {
            return new java.util.ArrayList<>(files.filter(file -> name(file).matches(GENERATION + "\\d{1,9}"))
                    .sorted(Comparator.comparingInt(RocksStores::number))
                    .toList());
        } catch (IOException e) {
            throw new CacheStoreException("the directory " + directory + " cannot be read: " + e, e);
        }
    }

    private static int number(Path generation) {
        return Integer.parseInt(name(generation).substring(GENERATION.length()));
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    @Override
    public void close() {
        try {
            lockFile.close(); // ends the lock
        } catch (IOException e) {
            throw new CacheStoreException("the lock of " + directory + " could not be given back: " + e, e);
        }
    }
}
