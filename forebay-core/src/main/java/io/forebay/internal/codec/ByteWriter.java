package io.forebay.internal.codec;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * Grows as it is written to. Numbers are variable-length (LEB128, signed ones zigzag); a name is written once and by
 * number from then on. Not thread-safe.
 */
public final class ByteWriter {
    private final Map<String, Integer> names = new HashMap<>();
    private byte[] bytes = new byte[4096];
    private int size;

    /** Forgets everything written, keeps the memory. */
    public void reset() {
        names.clear();
        size = 0;
    }

    public int size() {
        return size;
    }

    /** What was written so far; valid until the next write. */
    public ByteBuffer view() {
        return ByteBuffer.wrap(bytes, 0, size);
    }

    public byte[] toArray() {
        return Arrays.copyOf(bytes, size);
    }

    public void writeByte(int value) {
        ensure(1);
        bytes[size++] = (byte) value;
    }

    public void writeUnsigned(long value) {
        ensure(10);
        while ((value & ~0x7FL) != 0) {
            bytes[size++] = (byte) (value & 0x7F | 0x80);
            value >>>= 7;
        }
        bytes[size++] = (byte) value;
    }

    public void writeSigned(long value) {
        writeUnsigned(value << 1 ^ value >> 63);
    }

    public void writeFixedLong(long value) {
        ensure(8);
        for (int shift = 56; shift >= 0; shift -= 8) bytes[size++] = (byte) (value >>> shift);
    }

    public void writeBytes(byte[] source) {
        writeUnsigned(source.length);
        ensure(source.length);
        System.arraycopy(source, 0, bytes, size, source.length);
        size += source.length;
    }

    public void writeString(String text) {
        writeBytes(text.getBytes(StandardCharsets.UTF_8));
    }

    public void writeUuid(UUID uuid) {
        writeFixedLong(uuid.getMostSignificantBits());
        writeFixedLong(uuid.getLeastSignificantBits());
    }

    /** A text that comes again and again: the number it had before, or the next number and the text. */
    public void writeName(String name) {
        Integer known = names.get(name);
        if (known != null) {
            writeUnsigned(known);
            return;
        }
        writeUnsigned(names.size());
        names.put(name, names.size());
        writeString(name);
    }

    private void ensure(int more) {
        if (bytes.length - size < more) bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
}
