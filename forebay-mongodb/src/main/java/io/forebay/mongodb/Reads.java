package io.forebay.mongodb;

import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import io.forebay.mongodb.document.BsonAlgebra;
import io.forebay.spi.BaseRow;
import io.forebay.spi.Bytes;
import io.forebay.spi.RowKey;
import io.forebay.spi.TableInfo;
import io.forebay.spi.TransientSinkException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.bson.BsonDocument;
import org.jspecify.annotations.Nullable;

/**
 * Reads a document together with the watermark that it reflects. That is its partition's, unless its own fence says that it
 * has the writes of a later batch, one that is being written without a transaction, already.
 */
final class Reads {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    private final MongoDatabase database;
    private final long patienceNanos;
    private final Watermarks watermarks;

    /** A document, or none, and the watermark beside it. */
    private record Seen(long watermark, @Nullable BsonDocument document) {}

    /** @param patience how long to wait for a document that is in the middle of its writes */
    Reads(MongoDatabase database, Duration patience) {
        this.database = database;
        this.patienceNanos = patience.toNanos();
        this.watermarks = new Watermarks(database);
    }

    /** Both from the snapshot of one transaction. */
    BaseRow inTransaction(Supplier<ClientSession> sessions, UUID journal, int partition, RowKey key) {
        return untilWhole(journal, partition, key, () -> {
            try (ClientSession session = sessions.get()) {
                long watermark =
                        watermarks.read(session, journal, partition).watermark().sequence();
                return new Seen(
                        watermark, collection(key).find(session, byId(key)).first());
            }
        });
    }

    /** The document between two looks at the watermark: what a batch deletes or makes meanwhile is seen with its watermark. */
    BaseRow betweenWatermarks(UUID journal, int partition, RowKey key) {
        return untilWhole(journal, partition, key, () -> {
            long before = watermarks.read(journal, partition).watermark().sequence();
            BsonDocument document = collection(key).find(byId(key)).first();
            long after = watermarks.read(journal, partition).watermark().sequence();
            return before == after ? new Seen(before, document) : null;
        });
    }

    private BaseRow untilWhole(UUID journal, int partition, RowKey key, Supplier<@Nullable Seen> look) {
        String fence = Watermarks.name(journal, partition);
        long start = System.nanoTime();
        do {
            Seen seen = look.get();
            if (seen == null) continue;
            if (seen.document() == null) return new BaseRow(seen.watermark(), Optional.empty());
            Fence.Mark mark = Fence.mark(seen.document(), fence);
            if (mark.to() <= seen.watermark()) return row(seen.watermark(), key, seen.document());
            if (mark.complete()) return row(mark.to(), key, seen.document());
            LockSupport.parkNanos(PAUSE_NANOS); // the next write of the row is on its way
        } while (System.nanoTime() - start < patienceNanos);
        throw new TransientSinkException(
                "a document of %s is in the middle of its writes, and the flush that makes them does not go on"
                        .formatted(key.table()),
                null);
    }

    private static BaseRow row(long watermark, RowKey key, BsonDocument document) {
        document.remove(Fence.FIELD);
        Bytes content = BsonAlgebra.document(document);
        return new BaseRow(
                watermark,
                Optional.of(Map.of(TableInfo.DOCUMENT_KEY, key.values().get(0), TableInfo.DOCUMENT, content)));
    }

    private MongoCollection<BsonDocument> collection(RowKey key) {
        return database.getCollection(key.table(), BsonDocument.class);
    }

    private static BsonDocument byId(RowKey key) {
        return new BsonDocument("_id", BsonAlgebra.id((Bytes) key.values().get(0)));
    }
}
