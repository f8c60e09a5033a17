package io.forebay.redis.cache;

import io.forebay.codec.PendingCodec;
import io.forebay.spi.BaseRow;
import io.forebay.spi.ColumnChange;
import io.forebay.spi.Stage;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A row of a database as it is cached.
 *
 * @param journal whose watermark it carries
 * @param row there is one
 */
record KeptRow(UUID journal, BaseRow row) {
    private static final int HEADER_BYTES = 3 * Long.BYTES;

    /** Journal and watermark, then the columns as they would be in a journal. */
    static final CacheCodec<KeptRow> CODEC = CacheCodec.of(KeptRow::write, KeptRow::read);

    private byte[] write() {
        Map<String, ColumnChange> columns = new TreeMap<>(); // the order of a journal
        row.columns().orElseThrow().forEach((name, value) -> columns.put(name, new ColumnChange.Set(value)));
        byte[] content = PendingCodec.encodeStages(List.of(new Stage(Stage.Kind.INSERT, columns)));
        return ByteBuffer.allocate(HEADER_BYTES + content.length)
                .putLong(journal.getMostSignificantBits())
                .putLong(journal.getLeastSignificantBits())
                .putLong(row.watermark())
                .put(content)
                .array();
    }

    private static KeptRow read(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        UUID journal = new UUID(in.getLong(), in.getLong());
        long watermark = in.getLong();
        byte[] content = new byte[in.remaining()];
        in.get(content);
        Map<String, @Nullable Object> columns = new LinkedHashMap<>();
        PendingCodec.decodeStages(content)
                .get(0)
                .columns()
                .forEach((name, change) -> columns.put(name, ((ColumnChange.Set) change).value()));
        return new KeptRow(journal, new BaseRow(watermark, Optional.of(columns)));
    }
}
