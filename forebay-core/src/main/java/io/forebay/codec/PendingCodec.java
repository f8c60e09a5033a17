package io.forebay.codec;

import io.forebay.internal.codec.ByteReader;
import io.forebay.internal.codec.ByteWriter;
import io.forebay.internal.codec.CodecException;
import io.forebay.internal.codec.RowCodec;
import io.forebay.internal.codec.TableCodec;
import io.forebay.spi.PendingAppend;
import io.forebay.spi.PendingRow;
import io.forebay.spi.RowKey;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.Stage;
import io.forebay.spi.TableDefinition;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * What is pending, and whose it is, as bytes and back, for those who keep it outside of this process: each a version byte,
 * then what {@code docs/journal-format.md} describes. The newest version is always written. Every {@code decode} throws
 * {@link io.forebay.ForebayException} if the bytes are of no known version, or damaged. Thread-safe.
 */
public final class PendingCodec {
    private static final byte VERSION = 1;

    private PendingCodec() {}

    /** A row's identity. Equal keys have equal bytes. */
    public static byte[] encodeKey(RowKey key) {
        return encode(out -> RowCodec.writeKey(out, key));
    }

    public static RowKey decodeKey(byte[] bytes) {
        return decode(bytes, RowCodec::readKey);
    }

    /** What is to be done with a row. */
    public static byte[] encodeStages(List<Stage> stages) {
        return encode(out -> {
            out.writeUnsigned(stages.size());
            for (Stage stage : stages) RowCodec.writeStage(out, stage);
        });
    }

    public static List<Stage> decodeStages(byte[] bytes) {
        return decode(bytes, in -> list(in, RowCodec::readStage));
    }

    public static byte[] encodeAppend(PendingAppend append) {
        return encode(out -> RowCodec.writeAppend(out, append));
    }

    public static PendingAppend decodeAppend(byte[] bytes) {
        return decode(bytes, RowCodec::readAppend);
    }

    /** Rows with what is to be done with them, then rows without a key. */
    public static byte[] encodeWindow(SharedWindow window) {
        return encode(out -> {
            out.writeUnsigned(window.rows().size());
            for (PendingRow row : window.rows()) RowCodec.writeRow(out, row.key(), row.stages());
            out.writeUnsigned(window.appends().size());
            for (PendingAppend append : window.appends()) RowCodec.writeAppend(out, append);
        });
    }

    public static SharedWindow decodeWindow(byte[] bytes) {
        return decode(bytes, in -> new SharedWindow(list(in, RowCodec::readRow), list(in, RowCodec::readAppend)));
    }

    public static byte[] encodeTable(TableDefinition table) {
        return encode(out -> TableCodec.write(out, table));
    }

    public static TableDefinition decodeTable(byte[] bytes) {
        return decode(bytes, TableCodec::read);
    }

    private static byte[] encode(Consumer<ByteWriter> content) {
        ByteWriter out = new ByteWriter();
        out.writeByte(VERSION);
        content.accept(out);
        return out.toArray();
    }

    private static <T> T decode(byte[] bytes, Function<ByteReader, T> content) {
        ByteReader in = new ByteReader(ByteBuffer.wrap(bytes));
        return CodecException.guard(() -> {
            byte version = in.readByte();
            if (version != VERSION)
                throw new CodecException("version " + version + " of what is pending, known is " + VERSION, null);
            T decoded = content.apply(in);
            if (in.hasMore()) throw new CodecException("bytes are left behind what is pending", null);
            return decoded;
        });
    }

    private static <T> List<T> list(ByteReader in, Function<ByteReader, T> element) {
        int count = in.readCount();
        List<T> elements = new ArrayList<>(count);
        for (int i = 0; i < count; i++) elements.add(element.apply(in));
        return elements;
    }
}
