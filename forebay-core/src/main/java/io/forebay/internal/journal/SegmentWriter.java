package io.forebay.internal.journal;

import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes one segment, front to back. */
final class SegmentWriter {
    private static final int ZEROS_BYTES = 1 << 20;

    private final SegmentHeader header;
    private final String name;
    private final Disk.File file;

    private SegmentWriter(SegmentHeader header, String name, Disk.File file) {
        this.header = header;
        this.name = name;
        this.file = file;
    }

    /**
     * Makes the file, with its checkpoint and all its space, durable under its name; or leaves none. All of it is durable
     * before the first frame is written: otherwise a power failure could keep the frame and lose what is before it.
     */
    static SegmentWriter create(Disk disk, SegmentHeader header, ByteBuffer checkpoint) throws IOException {
        String name = SegmentNames.of(header.index());
        if (disk.list().contains(name)) disk.delete(name); // a half-made one that could not be deleted
        Disk.File file = disk.create(name);
        try {
            fillWithZeros(file, Sectors.BYTES + checkpoint.remaining(), header.bytes());
            file.write(checkpoint, Sectors.BYTES);
            file.write(header.encode(), 0);
            file.force();
            disk.forceDirectory();
            return new SegmentWriter(header, name, file);
        } catch (IOException e) {
            discard(disk, name, file, e);
            throw e;
        }
    }

    private static void fillWithZeros(Disk.File file, long from, long to) throws IOException {
        ByteBuffer zeros = ByteBuffer.allocate((int) Math.min(ZEROS_BYTES, to - from));
        for (long at = from; at < to; at += zeros.limit()) {
            file.write(zeros.clear().limit((int) Math.min(zeros.capacity(), to - at)), at);
        }
    }

    private static void discard(Disk disk, String name, Disk.File file, IOException cause) {
        try {
            file.close();
            disk.delete(name);
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    String name() {
        return name;
    }

    long index() {
        return header.index();
    }

    long bytes() {
        return header.bytes();
    }

    void write(ByteBuffer extent, long offset) throws IOException {
        file.write(extent, offset);
    }

    void force() throws IOException {
        file.force();
    }

    /** Takes back a write that failed: whatever part of it arrived will not be found after a power failure either. */
    void erase(long offset, int bytes) throws IOException {
        fillWithZeros(file, offset, offset + bytes);
        file.force();
    }

    void close() throws IOException {
        file.close();
    }
}
