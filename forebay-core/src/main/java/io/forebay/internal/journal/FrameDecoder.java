package io.forebay.internal.journal;

import java.nio.ByteBuffer;

/** Turns the sectors of a frame back into sequences and body, in one buffer that is used again. */
final class FrameDecoder {
    private ByteBuffer buffer = ByteBuffer.allocate(Sectors.BYTES);

    /** Whether the frame is as it was written. */
    static boolean isIntact(FrameHeader header, ByteBuffer extent) {
        return Sectors.crc(extent, FrameHeader.BYTES, extent.limit()) == header.extentCrc();
    }

    /** The payload of an intact frame; valid until the next call. */
    Payload decode(FrameHeader header, ByteBuffer extent) {
        ByteBuffer payload = room(header.payloadBytes());
        for (int at = FrameHeader.BYTES; payload.hasRemaining(); ) {
            int count = Math.min(payload.remaining(), Sectors.BYTES - at % Sectors.BYTES);
            payload.put(extent.slice(at, count));
            at += count + 1; // the marker of the next sector
        }
        return new Payload(header, payload.flip());
    }

    private ByteBuffer room(int bytes) {
        if (buffer.capacity() < bytes) buffer = ByteBuffer.allocate(bytes + bytes / 2);
        return buffer.clear().limit(bytes);
    }

    record Payload(FrameHeader header, ByteBuffer bytes) {
        long[] sequences() {
            long[] sequences = new long[header.sequences()];
            bytes.asLongBuffer().get(sequences);
            return sequences;
        }

        ByteBuffer body() {
            return bytes.slice(header.sequences() * Long.BYTES, header.bodyBytes())
                    .asReadOnlyBuffer();
        }
    }
}
