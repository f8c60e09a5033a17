package io.forebay.mongodb;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.Sorts;
import io.forebay.codec.PendingCodec;
import io.forebay.spi.Batch;
import io.forebay.spi.MismatchException;
import io.forebay.spi.SharedWindow;
import io.forebay.spi.TableDefinition;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.bson.BsonBinary;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.bson.conversions.Bson;
import org.jspecify.annotations.Nullable;

/**
 * The batches that are written without a transaction, whole, in {@code forebay_intent}: whoever owns the partition next
 * finishes exactly what was begun, whatever its own journal, or a newer version of Forebay, would make of the same windows.
 */
final class Intents {
    static final String COLLECTION = "forebay_intent";

    /** A document has to hold a part. */
    static final int PART_BYTES = 8 << 20;

    private final MongoCollection<BsonDocument> documents;

    Intents(MongoDatabase database) {
        this.documents = database.getCollection(COLLECTION, BsonDocument.class);
    }

    /** Keeps the batch; returns whether it, or a part of it, was kept before. */
    boolean put(Batch batch) {
        int part = 0;
        boolean known = false;
        for (TableDefinition table : batch.tables().values())
            known |= put(batch, part++, "table", PendingCodec.encodeTable(table));
        byte[] rows = PendingCodec.encodeWindow(new SharedWindow(batch.rows(), batch.appends()));
        for (int at = 0; at < rows.length; at += PART_BYTES)
            known |= put(batch, part++, "rows", Arrays.copyOfRange(rows, at, Math.min(rows.length, at + PART_BYTES)));
        return known;
    }

    private boolean put(Batch batch, int part, String kind, byte[] content) {
        BsonDocument document = ofPartition(batch.journal(), batch.partition())
                .append("batch", new BsonString(batch.id().toString()))
                .append("part", new BsonInt32(part))
                .append("epoch", new BsonInt64(batch.epoch()))
                .append("from", new BsonInt64(batch.from()))
                .append("to", new BsonInt64(batch.to()))
                .append(kind, new BsonBinary(content));
        BsonString id =
                new BsonString(Watermarks.name(batch.journal(), batch.partition()) + "/" + batch.id() + "/" + part);
        return documents
                        .replaceOne(new BsonDocument("_id", id), document, new ReplaceOptions().upsert(true))
                        .getMatchedCount()
                == 1;
    }

    private static BsonDocument ofPartition(UUID journal, int partition) {
        return new BsonDocument("journal", new BsonString(journal.toString()))
                .append("partition", new BsonInt32(partition));
    }

    private static BsonDocument of(UUID journal, int partition, UUID batch) {
        return ofPartition(journal, partition).append("batch", new BsonString(batch.toString()));
    }

    /** The batch as it was kept, to be finished by a newer owner. */
    Batch get(UUID journal, int partition, UUID id, long epoch) {
        Map<String, TableDefinition> tables = new HashMap<>();
        ByteArrayOutputStream rows = new ByteArrayOutputStream();
        BsonDocument any = null;
        for (BsonDocument part : documents.find(of(journal, partition, id)).sort(Sorts.ascending("part"))) {
            any = part;
            if (part.containsKey("table")) {
                TableDefinition table =
                        PendingCodec.decodeTable(part.getBinary("table").getData());
                tables.put(table.info().name(), table);
            } else {
                rows.writeBytes(part.getBinary("rows").getData());
            }
        }
        if (any == null)
            throw new MismatchException(
                    "batch %s of partition %d of journal %s was begun, but %s does not hold it: was it deleted?"
                            .formatted(id, partition, journal, COLLECTION),
                    null);
        SharedWindow window = PendingCodec.decodeWindow(rows.toByteArray());
        long from = any.getNumber("from").longValue();
        long to = any.getNumber("to").longValue();
        return new Batch(journal, partition, epoch, from, to, id, window.rows(), window.appends(), tables);
    }

    /** Forgets a batch that is in the database. */
    void delete(Batch batch) {
        documents.deleteMany(of(batch.journal(), batch.partition(), batch.id()));
    }

    /** Forgets what older owners of a partition kept and never announced. */
    void deleteOlder(UUID journal, int partition, long epoch, @Nullable UUID announced) {
        Bson others = announced == null ? new BsonDocument() : Filters.ne("batch", announced.toString());
        documents.deleteMany(Filters.and(ofPartition(journal, partition), Filters.lt("epoch", epoch), others));
    }
}
