package io.forebay.kafka.cache;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How a RocksDB store lays out its bytes. The first byte of a key says what it is: {@code e} an entry with its claims,
 * {@code s} a source with the keys derived from it, {@code m} the checkpoint. Numbers are big-endian, byte strings have
 * their length before them.
 */
final class RocksFormat {
    static final int VERSION = 2;
    static final byte ENTRY = 'e';
    static final byte[] CHECKPOINT = {'m'};
    private static final byte SOURCE = 's';
    private static final int FIXED_CLAIM_BYTES = 2 + Integer.BYTES + 2 * Long.BYTES;

    private RocksFormat() {}

    static byte[] entry(Key key) {
        return prefixed(ENTRY, key);
    }

    static byte[] source(Key key) {
        return prefixed(SOURCE, key);
    }

    private static byte[] prefixed(byte prefix, Key key) {
        byte[] bytes = new byte[key.bytes().length + 1];
        bytes[0] = prefix;
        System.arraycopy(key.bytes(), 0, bytes, 1, key.bytes().length);
        return bytes;
    }

    static byte[] claims(Key key, List<Claim<byte[]>> claims) {
        int bytes = Integer.BYTES;
        for (Claim<byte[]> claim : claims) bytes += FIXED_CLAIM_BYTES + sourceBytes(key, claim) + valueBytes(claim);
        ByteBuffer out = ByteBuffer.allocate(bytes).putInt(claims.size());
        for (Claim<byte[]> claim : claims) put(out, key, claim);
        return out.array();
    }

    private static int sourceBytes(Key key, Claim<byte[]> claim) {
        return claim.source().equals(key) ? 0 : Integer.BYTES + claim.source().bytes().length;
    }

    private static int valueBytes(Claim<byte[]> claim) {
        byte[] value = claim.value();
        return value == null ? 0 : Integer.BYTES + value.length;
    }

    private static void put(ByteBuffer out, Key key, Claim<byte[]> claim) {
        boolean ofItself = claim.source().equals(key);
        out.put(flag(ofItself));
        if (!ofItself) putBytes(out, claim.source().bytes());
        out.putInt(claim.partition()).putLong(claim.offset()).putLong(claim.timestamp());
        byte[] value = claim.value();
        out.put(flag(value != null));
        if (value != null) putBytes(out, value);
    }

    private static byte flag(boolean is) {
        return (byte) (is ? 1 : 0);
    }

    private static void putBytes(ByteBuffer out, byte[] bytes) {
        out.putInt(bytes.length).put(bytes);
    }

    static List<Claim<byte[]>> claims(Key key, byte[] bytes) {
        return read(bytes, in -> {
            int count = in.readInt();
            List<Claim<byte[]>> claims = new ArrayList<>(count);
            for (int i = 0; i < count; i++) {
                Key source = in.readBoolean() ? key : new Key(readBytes(in));
                claims.add(new Claim<>(
                        source, in.readInt(), in.readLong(), in.readLong(), in.readBoolean() ? readBytes(in) : null));
            }
            return claims;
        });
    }

    static byte[] keys(List<Key> keys) {
        return write(out -> {
            out.writeInt(keys.size());
            for (Key key : keys) writeBytes(out, key.bytes());
        });
    }

    static List<Key> keys(byte[] bytes) {
        return read(bytes, in -> {
            int count = in.readInt();
            List<Key> keys = new ArrayList<>(count);
            for (int i = 0; i < count; i++) keys.add(new Key(readBytes(in)));
            return keys;
        });
    }

    static byte[] checkpoint(Checkpoint checkpoint) {
        return write(out -> {
            out.writeInt(VERSION);
            out.writeUTF(checkpoint.clusterId());
            out.writeUTF(checkpoint.topicId());
            out.writeUTF(checkpoint.fingerprint());
            out.writeLong(checkpoint.caughtUpMillis());
            out.writeInt(checkpoint.positions().size());
            for (Map.Entry<Integer, Long> position : checkpoint.positions().entrySet()) {
                out.writeInt(position.getKey());
                out.writeLong(position.getValue());
            }
        });
    }

    /**
     * The checkpoint.
     *
     * @throws UncheckedIOException if it is of another version
     */
    static Checkpoint checkpoint(byte[] bytes) {
        return read(bytes, in -> {
            int version = in.readInt();
            if (version != VERSION) throw new IOException("format " + version + " in place of " + VERSION);
            String clusterId = in.readUTF();
            String topicId = in.readUTF();
            String fingerprint = in.readUTF();
            long caughtUpMillis = in.readLong();
            Map<Integer, Long> positions = new HashMap<>();
            for (int left = in.readInt(); left > 0; left--) positions.put(in.readInt(), in.readLong());
            return new Checkpoint(clusterId, topicId, fingerprint, caughtUpMillis, positions);
        });
    }

    private static void writeBytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        byte[] bytes = new byte[in.readInt()];
        in.readFully(bytes);
        return bytes;
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }

    private interface Reading<T> {
        T from(DataInputStream in) throws IOException;
    }

    private static byte[] write(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            writing.to(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static <T> T read(byte[] bytes, Reading<T> reading) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            return reading.from(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
