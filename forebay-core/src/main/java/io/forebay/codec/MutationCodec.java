package io.forebay.codec;

import io.forebay.internal.codec.ByteReader;
import io.forebay.internal.codec.ByteWriter;
import io.forebay.internal.codec.CodecException;
import io.forebay.internal.codec.RowCodec;
import io.forebay.spi.Bytes;
import io.forebay.spi.RowKey;
import io.forebay.spi.Stage;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One refused or single mutation as bytes and back: a version byte, then what {@code docs/journal-format.md} describes.
 * Thread-safe.
 */
public final class MutationCodec {
    private static final byte VERSION = 1;

    private MutationCodec() {}

    /**
     * A mutation of one row.
     *
     * @param table name of the table
     * @param key which row; null for an insert without a key
     * @param stage what to do
     */
    public record Mutation(String table, @Nullable RowKey key, Stage stage) {}

    /** Encodes a mutation; the newest version is always written. */
    public static Bytes encode(Mutation mutation) {
        ByteWriter out = new ByteWriter();
        out.writeByte(VERSION);
        out.writeName(mutation.table());
        RowKey key = mutation.key();
        out.writeByte(key == null ? 0 : 1);
        if (key != null) RowCodec.writeKey(out, key);
        RowCodec.writeStage(out, mutation.stage());
        return Bytes.copyOf(out.toArray());
    }

    /**
     * Decodes any version that was ever written.
     *
     * @throws io.forebay.ForebayException if the bytes are of no known version, or damaged
     */
    public static Mutation decode(Bytes bytes) {
        return CodecException.guard(() -> decode(new ByteReader(ByteBuffer.wrap(bytes.toArray()))));
    }

    private static Mutation decode(ByteReader in) {
        byte version = in.readByte();
        if (version != VERSION) throw new CodecException("mutation version " + version + ", known is " + VERSION, null);
        String table = in.readName();
        RowKey key = in.readByte() == 0 ? null : RowCodec.readKey(in);
        Mutation mutation = new Mutation(table, key, RowCodec.readStage(in));
        if (in.hasMore()) throw new CodecException("bytes are left behind the mutation", null);
        return mutation;
    }
}
