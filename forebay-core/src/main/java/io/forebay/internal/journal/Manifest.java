package io.forebay.internal.journal;

import java.nio.ByteBuffer;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a journal is, fixed when it is made but for the database, which is added once.
 *
 * @param version of the format
 * @param journal identity of the journal: a database's watermark belongs to one journal
 * @param partitions number of partitions
 * @param database identity of the database it is attached to; null before
 */
public record Manifest(
        int version, UUID journal, int partitions, @Nullable UUID database) {
    static final int VERSION = 1;
    static final int BYTES = 64;
    private static final long MAGIC = 0x464F52454241594DL; // "FOREBAYM"
    private static final int CRC_AT = BYTES - Integer.BYTES;

    static Manifest create(int partitions) {
        return new Manifest(VERSION, UUID.randomUUID(), partitions, null);
    }

    Manifest attachedTo(UUID newDatabase) {
        return new Manifest(version, journal, partitions, newDatabase);
    }

    ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(0, MAGIC)
                .putInt(8, version)
                .putInt(12, partitions)
                .putLong(16, journal.getMostSignificantBits())
                .putLong(24, journal.getLeastSignificantBits());
        if (database != null) {
            bytes.put(32, (byte) 1)
                    .putLong(40, database.getMostSignificantBits())
                    .putLong(48, database.getLeastSignificantBits());
        }
        return bytes.putInt(CRC_AT, Sectors.crc(bytes, 0, CRC_AT));
    }

    /** Null if the bytes are not what was written. */
    static @Nullable Manifest read(ByteBuffer bytes) {
        if (bytes.limit() != BYTES || bytes.getLong(0) != MAGIC) return null;
        if (bytes.getInt(CRC_AT) != Sectors.crc(bytes, 0, CRC_AT)) return null;

        UUID journal = new UUID(bytes.getLong(16), bytes.getLong(24));
        UUID database = bytes.get(32) == 0 ? null : new UUID(bytes.getLong(40), bytes.getLong(48));
        return new Manifest(bytes.getInt(8), journal, bytes.getInt(12), database);
    }
}
