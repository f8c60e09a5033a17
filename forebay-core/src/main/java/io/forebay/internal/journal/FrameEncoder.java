package io.forebay.internal.journal;

import java.nio.ByteBuffer;

/** Turns bodies into frames, in one buffer that is used again: a frame is valid until the next one is encoded. */
final class FrameEncoder {
    private static final int INITIAL_BYTES = 64 << 10;

    private ByteBuffer buffer = ByteBuffer.allocateDirect(INITIAL_BYTES);

    /** The frame's sectors, from position to limit. Leaves {@code body} as it is. */
    ByteBuffer encode(FrameKind kind, long segment, long number, long[] sequences, ByteBuffer body) {
        ByteBuffer extent = room(Math.toIntExact(FrameHeader.extentBytes(sequences.length, body.remaining())));
        extent.position(FrameHeader.BYTES);
        putPayload(extent, bytes(sequences));
        putPayload(extent, body.duplicate());
        while (extent.hasRemaining()) extent.put((byte) 0);

        int crc = Sectors.crc(extent, FrameHeader.BYTES, extent.limit());
        new FrameHeader(kind, sequences.length, body.remaining(), segment, number, crc).writeTo(extent);
        return extent.flip();
    }

    private ByteBuffer room(int bytes) {
        if (buffer.capacity() < bytes) buffer = ByteBuffer.allocateDirect(bytes + bytes / 2);
        return buffer.clear().limit(bytes);
    }

    private static void putPayload(ByteBuffer extent, ByteBuffer source) {
        int end = source.limit();
        while (source.position() < end) {
            if (extent.position() % Sectors.BYTES == 0) extent.put(Sectors.FRAME_CONTINUED);
            int room = Sectors.BYTES - extent.position() % Sectors.BYTES;
            extent.put(source.limit(Math.min(end, source.position() + room)));
        }
    }

    private static ByteBuffer bytes(long[] sequences) {
        ByteBuffer bytes = ByteBuffer.allocate(sequences.length * Long.BYTES);
        bytes.asLongBuffer().put(sequences);
        return bytes;
    }
}
