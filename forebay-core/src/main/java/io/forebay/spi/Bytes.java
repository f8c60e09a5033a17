package io.forebay.spi;

import java.util.Arrays;
import java.util.HexFormat;

/** An immutable string of bytes: the value of a binary column. Ordered bytewise, unsigned. Thread-safe. */
public final class Bytes implements Comparable<Bytes> {
    private final byte[] content;

    private Bytes(byte[] content) {
        this.content = content;
    }

    /** Copies {@code content}. */
    public static Bytes copyOf(byte[] content) {
        return new Bytes(content.clone());
    }

    /** Returns a fresh copy of the bytes. */
    public byte[] toArray() {
        return content.clone();
    }

    /** Number of bytes. */
    public int size() {
        return content.length;
    }

    @Override
    public int compareTo(Bytes other) {
        return Arrays.compareUnsigned(content, other.content);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes bytes && Arrays.equals(content, bytes.content);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(content);
    }

    /** Shows the size and the first bytes in hexadecimal, never the whole content. */
    @Override
    public String toString() {
        int shown = Math.min(content.length, 8);
        return "Bytes[" + content.length + ": " + HexFormat.of().formatHex(content, 0, shown)
                + (shown < content.length ? "…]" : "]");
    }
}
