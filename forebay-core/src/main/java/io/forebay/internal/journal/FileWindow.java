package io.forebay.internal.journal;

import io.forebay.spi.Disk;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads one file in large pieces. Behind its end there are zeros, as in a file that was never written. */
final class FileWindow {
    private static final int INITIAL_BYTES = 4 << 10;
    private static final int USUAL_BYTES = 256 << 10;

    private final Disk.File file;
    private ByteBuffer buffer = ByteBuffer.allocate(INITIAL_BYTES).limit(0);
    private long start;

    FileWindow(Disk.File file) {
        this.file = file;
    }

    /** The bytes from {@code offset} on; valid until the next call. */
    ByteBuffer at(long offset, int bytes) throws IOException {
        if (offset < start || offset + bytes > start + buffer.limit()) load(offset, bytes);
        return buffer.slice(Math.toIntExact(offset - start), bytes);
    }

    private void load(long offset, int bytes) throws IOException {
        int wanted = Math.max(bytes, offset == 0 ? INITIAL_BYTES : USUAL_BYTES); // often only the header is read
        if (buffer.capacity() < wanted) buffer = ByteBuffer.allocate(wanted);
        buffer.clear();
        start = offset;
        file.read(buffer, offset);
        while (buffer.hasRemaining()) buffer.put((byte) 0);
        buffer.flip();
    }
}
