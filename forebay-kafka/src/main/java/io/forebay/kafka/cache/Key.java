package io.forebay.kafka.cache;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A serialized key. Ordered by its bytes, unsigned, as RocksDB orders them. The bytes are not to be changed. */
final class Key implements Comparable<Key> {
    private final byte[] bytes;
    private final int hash;

    Key(byte[] bytes) {
        this.bytes = bytes;
        this.hash = Arrays.hashCode(bytes);
    }

    byte[] bytes() {
        return bytes;
    }

    /** The first key behind all that begin with this one; null if there is none. */
    @Nullable
    Key endOfPrefix() {
        for (int last = bytes.length - 1; last >= 0; last--) {
            if (bytes[last] == (byte) 0xff) continue;
            byte[] end = Arrays.copyOf(bytes, last + 1);
            end[last]++;
            return new Key(end);
        }
        return null;
    }

    @Override
    public int compareTo(Key other) {
        return Arrays.compareUnsigned(bytes, other.bytes);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Key key && hash == key.hash && Arrays.equals(bytes, key.bytes);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
