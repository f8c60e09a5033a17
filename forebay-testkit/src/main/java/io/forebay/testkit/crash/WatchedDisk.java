package io.forebay.testkit.crash;

import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/** A disk whose writes go through other hands. Everything else is done as it was asked for. Thread-safe. */
final class WatchedDisk implements Disk {
    private final Disk real;
    private final Hands hands;

    /** Does what is done with each write. */
    interface Hands {
        /** As {@link Disk.File#write} of the file with this name. */
        void write(String name, File file, ByteBuffer source, long position) throws IOException;
    }

    WatchedDisk(Disk real, Hands hands) {
        this.real = real;
        this.hands = hands;
    }

    @Override
    public String description() {
        return real.description();
    }

    @Override
    public List<String> list() throws IOException {
        return real.list();
    }

    @Override
    public AutoCloseable lock() throws IOException {
        return real.lock();
    }

    @Override
    public File create(String name) throws IOException {
        return new WatchedFile(name, real.create(name));
    }

    @Override
    public File open(String name) throws IOException {
        return new WatchedFile(name, real.open(name));
    }

    @Override
    public void rename(String from, String to) throws IOException {
        real.rename(from, to);
    }

    @Override
    public void delete(String name) throws IOException {
        real.delete(name);
    }

    @Override
    public void forceDirectory() throws IOException {
        real.forceDirectory();
    }

    @Override
    public long freeBytes() throws IOException {
        return real.freeBytes();
    }

    private final class WatchedFile implements File {
        private final String name;
        private final File file;

        private WatchedFile(String name, File file) {
            this.name = name;
            this.file = file;
        }

        @Override
        public long size() throws IOException {
            return file.size();
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return file.read(target, position);
        }

        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            hands.write(name, file, source, position);
        }

        @Override
        public void force() throws IOException {
            file.force();
        }

        @Override
        public void truncate(long size) throws IOException {
            file.truncate(size);
        }

        @Override
        public void close() throws IOException {
            file.close();
        }
    }
}
