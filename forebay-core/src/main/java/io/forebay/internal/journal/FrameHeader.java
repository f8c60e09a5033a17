package io.forebay.internal.journal;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The first 32 bytes of a frame, with a CRC of their own: its length can be trusted before its body is read.
 *
 * @param sequences how many sequences follow the header, one per partition
 * @param number of the frame, one more than that of the frame before it
 * @param extentCrc CRC32C of the frame's sectors behind the header
 */
record FrameHeader(FrameKind kind, int sequences, int bodyBytes, long segment, long number, int extentCrc) {
    static final int BYTES = 32;
    private static final int CRC_AT = 28;

    /** Payload of the first sector, and of each further one. */
    private static final int FIRST_PAYLOAD = Sectors.BYTES - BYTES;

    private static final int FURTHER_PAYLOAD = Sectors.BYTES - 1;

    static long extentBytes(int sequences, long bodyBytes) {
        long behindFirst = Math.max(0, (long) sequences * Long.BYTES + bodyBytes - FIRST_PAYLOAD);
        return Sectors.BYTES * (1 + (behindFirst + FURTHER_PAYLOAD - 1) / FURTHER_PAYLOAD);
    }

    /** Bytes of all sectors of the frame. */
    int extentBytes() {
        return Math.toIntExact(extentBytes(sequences, bodyBytes));
    }

    int payloadBytes() {
        return sequences * Long.BYTES + bodyBytes;
    }

    void writeTo(ByteBuffer extent) {
        extent.put(0, Sectors.FRAME_START)
                .put(1, kind.code())
                .putShort(2, (short) sequences)
                .putInt(4, bodyBytes)
                .putLong(8, segment)
                .putLong(16, number)
                .putInt(24, extentCrc)
                .putInt(CRC_AT, Sectors.crc(extent, 0, CRC_AT));
    }

    /** The header that begins at {@code offset}; null if there is none, or it is not what was written. */
    static @Nullable FrameHeader read(ByteBuffer sectors, int offset) {
        ByteBuffer header = sectors.slice(offset, BYTES);
        if (header.get(0) != Sectors.FRAME_START) return null;
        if (header.getInt(CRC_AT) != Sectors.crc(header, 0, CRC_AT)) return null;

        FrameKind kind = FrameKind.of(header.get(1));
        if (kind == null) return null;
        return new FrameHeader(
                kind, header.getShort(2), header.getInt(4), header.getLong(8), header.getLong(16), header.getInt(24));
    }
}
