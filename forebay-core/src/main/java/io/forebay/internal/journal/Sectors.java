package io.forebay.internal.journal;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The unit in which a disk writes: 512 bytes, all or nothing. Each sector of a journal begins with a marker that is not
 * zero, so a sector of zeros was never written.
 */
final class Sectors {
    static final int BYTES = 512;
    /** First byte of a segment. */
    static final byte SEGMENT_START = (byte) 0xF0;
    /** First byte of a frame. */
    static final byte FRAME_START = (byte) 0xF1;
    /** First byte of each further sector of a frame: what a body holds can never look like the start of a frame. */
    static final byte FRAME_CONTINUED = (byte) 0xF2;

    private static final ByteBuffer ZEROS = ByteBuffer.allocate(BYTES).asReadOnlyBuffer();

    private Sectors() {}

    /** Whether the sector at {@code offset} of the buffer was never written. */
    static boolean isUnwritten(ByteBuffer buffer, int offset) {
        return buffer.slice(offset, BYTES).mismatch(ZEROS) < 0;
    }

    /** Whether any sector of the buffer, which begins and ends at a sector, was never written. */
    static boolean anyUnwritten(ByteBuffer buffer) {
        for (int offset = 0; offset < buffer.limit(); offset += BYTES) {
            if (isUnwritten(buffer, offset)) return true;
        }
        return false;
    }

    static long roundUp(long bytes) {
        return (bytes + BYTES - 1) / BYTES * BYTES;
    }

    static int crc(ByteBuffer buffer, int from, int to) {
        CRC32C crc = new CRC32C();
        crc.update(buffer.slice(from, to - from));
        return (int) crc.getValue();
    }
}
