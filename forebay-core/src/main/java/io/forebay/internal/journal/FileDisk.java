package io.forebay.internal.journal;

import io.forebay.spi.Disk;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory of the file system. Its files are channels: a thread that is interrupted while it uses one closes it, so the
 * journal's thread must not be interrupted.
 */
public final class FileDisk implements Disk {
    private static final String LOCK = "lock";
    private static final Pattern PLAIN_NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");

    /** Directories locked by this process: file locks are per process, and some systems let one process lock twice. */
    private static final Set<Path> LOCKED_HERE = ConcurrentHashMap.newKeySet();

    private final Path directory;

    private FileDisk(Path directory) {
        this.directory = directory;
    }

    /**
     * Uses the directory, and creates it, durably, where it is missing.
     *
     * @throws IOException if it cannot be created, or is not a directory
     */
    public static FileDisk in(Path directory) throws IOException {
        createDurably(directory.toAbsolutePath());
        return new FileDisk(directory.toRealPath());
    }

    /**
     * As {@link #in}.
     *
     * @throws UncheckedIOException if it cannot be created, or is not a directory
     */
    public static FileDisk at(Path directory) {
        try {
            return in(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("the journal directory " + directory + " cannot be used: " + e, e);
        }
    }

    private static void createDurably(Path directory) throws IOException {
        if (Files.isDirectory(directory)) return;

        Path parent = directory.getParent();
        if (parent != null) createDurably(parent);
        Files.createDirectories(directory);
        if (parent != null) force(parent);
    }

    @Override
    public String description() {
        return directory.toString();
    }

    @Override
    public List<String> list() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> String.valueOf(file.getFileName()))
                    .toList();
        }
    }

    @Override
    public AutoCloseable lock() throws IOException {
        if (!LOCKED_HERE.add(directory)) throw inUse();
        FileChannel channel = null;
        try {
            channel = FileChannel.open(path(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) throw inUse();
            FileChannel locked = channel;
            return () -> unlock(locked);
        } catch (OverlappingFileLockException e) {
            unlock(channel);
            throw inUse();
        } catch (IOException e) {
            unlock(channel);
            throw e;
        }
    }

    private void unlock(@Nullable FileChannel channel) throws IOException {
        try {
            if (channel != null) channel.close();
        } finally {
            LOCKED_HERE.remove(directory);
        }
    }

    private IOException inUse() {
        return new IOException(
                "journal %s is in use by another process (or by another Forebay in this one)".formatted(directory));
    }

    @Override
    public File create(String name) throws IOException {
        return open(name, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    @Override
    public File open(String name) throws IOException {
        return open(name, StandardOpenOption.READ, StandardOpenOption.WRITE);
    }

    private File open(String name, OpenOption... options) throws IOException {
        return new ChannelFile(FileChannel.open(path(name), options));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        Files.move(path(from), path(to), StandardCopyOption.ATOMIC_MOVE);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.delete(path(name));
    }

    @Override
    public void forceDirectory() throws IOException {
        force(directory);
    }

    private static void force(Path directory) throws IOException {
        if (!FileSystems.getDefault().supportedFileAttributeViews().contains("posix"))
            return; // Windows has no such call
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    @Override
    public long freeBytes() throws IOException {
        return Files.getFileStore(directory).getUsableSpace();
    }

    private Path path(String name) {
        if (!PLAIN_NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "file name must match %s, was \"%s\"".formatted(PLAIN_NAME.pattern(), name));
        }
        return directory.resolve(name);
    }

    private record ChannelFile(FileChannel channel) implements File {
        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            int total = 0;
            while (target.hasRemaining()) {
                int count = channel.read(target, position + total);
                if (count < 0) break;
                total += count;
            }
            return total;
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            long at = position;
            while (source.hasRemaining()) {
                int count = channel.write(source, at);
                if (count <= 0) throw new EOFException("the file system took no byte at offset " + at);
                at += count;
            }
        }

        @Override
        public void force() throws IOException {
            channel.force(false);
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
