package io.forebay.internal.journal;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The first sector of a segment.
 *
 * @param index counts segments from 1; also the file's name
 * @param previousEnd where the segment before this one ends: what lies behind was refused or is unknown, and is ignored
 * @param bytes size of the file
 */
record SegmentHeader(UUID journal, long index, long previousEnd, long bytes) {
    private static final long MAGIC = (Sectors.SEGMENT_START & 0xFFL) << 56 | 0x464F5245424159L; // "FOREBAY"
    private static final int CRC_AT = Sectors.BYTES - Integer.BYTES;

    ByteBuffer encode() {
        ByteBuffer sector = ByteBuffer.allocate(Sectors.BYTES);
        sector.putLong(0, MAGIC)
                .putInt(8, Manifest.VERSION)
                .putLong(16, journal.getMostSignificantBits())
                .putLong(24, journal.getLeastSignificantBits())
                .putLong(32, index)
                .putLong(40, previousEnd)
                .putLong(48, bytes);
        return sector.putInt(CRC_AT, Sectors.crc(sector, 0, CRC_AT));
    }

    /** Null if the sector is not what was written. */
    static @Nullable SegmentHeader read(ByteBuffer sector) {
        if (sector.getLong(0) != MAGIC || sector.getInt(8) != Manifest.VERSION) return null;
        if (sector.getInt(CRC_AT) != Sectors.crc(sector, 0, CRC_AT)) return null;
        return new SegmentHeader(
                new UUID(sector.getLong(16), sector.getLong(24)),
                sector.getLong(32),
                sector.getLong(40),
                sector.getLong(48));
    }
}
