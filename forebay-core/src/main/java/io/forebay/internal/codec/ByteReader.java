package io.forebay.internal.codec;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** Reads what {@link ByteWriter} wrote; everything that cannot be is a {@link CodecException}. Not thread-safe. */
public final class ByteReader {
    private final List<String> names = new ArrayList<>();
    private final ByteBuffer source;

    public ByteReader(ByteBuffer source) {
        this.source = source;
    }

    public boolean hasMore() {
        return source.hasRemaining();
    }

    public byte readByte() {
        try {
            return source.get();
        } catch (BufferUnderflowException e) {
            throw new CodecException("the bytes end in the middle of a value", e);
        }
    }

    public long readUnsigned() {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            byte next = readByte();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) return value;
        }
        throw new CodecException("a number is longer than 64 bits", null);
    }

    public long readSigned() {
        long value = readUnsigned();
        return value >>> 1 ^ -(value & 1);
    }

    /** A count or a length, which cannot be more than the bytes that are left. */
    public int readCount() {
        long count = readUnsigned();
        if (count < 0 || count > source.remaining())
            throw new CodecException("a count of " + count + " with " + source.remaining() + " bytes left", null);
        return (int) count;
    }

    public int readInt() {
        long value = readUnsigned();
        if (value < 0 || value > Integer.MAX_VALUE) throw new CodecException("a number out of range: " + value, null);
        return (int) value;
    }

    public long readFixedLong() {
        long value = 0;
        for (int i = 0; i < 8; i++) value = value << 8 | readByte() & 0xFF;
        return value;
    }

    public byte[] readBytes() {
        byte[] bytes = new byte[readCount()];
        source.get(bytes);
        return bytes;
    }

    public String readString() {
        return new String(readBytes(), StandardCharsets.UTF_8);
    }

    public UUID readUuid() {
        return new UUID(readFixedLong(), readFixedLong());
    }

    public String readName() {
        int number = readInt();
        if (number > names.size()) throw new CodecException("name " + number + " was never defined", null);
        if (number == names.size()) names.add(readString());
        return names.get(number);
    }
}
