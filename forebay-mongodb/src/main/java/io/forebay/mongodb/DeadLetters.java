package io.forebay.mongodb;

import com.mongodb.client.ClientSession;
import com.mongodb.client.FindIterable;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Indexes;
import com.mongodb.client.model.Projections;
import com.mongodb.client.model.ReplaceOptions;
import com.mongodb.client.model.Sorts;
import io.forebay.codec.MutationCodec;
import io.forebay.mongodb.document.BsonAlgebra;
import io.forebay.spi.Batch;
import io.forebay.spi.Bytes;
import io.forebay.spi.DeadLetter;
import io.forebay.spi.DeadLetterStore;
import io.forebay.spi.Refused;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.bson.BsonBinary;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonString;
import org.jspecify.annotations.Nullable;

/** The collection {@code forebay_dead_letter}. */
final class DeadLetters {
    static final String COLLECTION = "forebay_dead_letter";

    private static final int PART_BYTES = 8 << 20;

    private final MongoCollection<BsonDocument> documents;

    DeadLetters(MongoDatabase database) {
        this.documents = database.getCollection(COLLECTION, BsonDocument.class);
    }

    /**
     * A refusal as it is kept.
     *
     * @param writes how many writes of its row it takes the place of
     */
    record Kept(DeadLetter letter, int writes) {}

    /**
     * A dead letter as it is stored.
     *
     * @param id of its document
     * @param from first sequence of its batch, exclusive
     * @param to last sequence of its batch
     */
    record Stored(String id, long from, long to, DeadLetterStore.Entry entry) {}

    void createIndex() {
        documents.createIndex(Indexes.ascending("journal", "partition", "to"));
    }

    /** Keeps letters within a transaction. */
    void insert(ClientSession session, Batch batch, List<Kept> letters) {
        for (BsonDocument document : documents(batch, letters)) documents.insertOne(session, document);
    }

    /** Keeps letters; those that are there already change nothing, because they are the same. */
    void put(Batch batch, List<Kept> letters) {
        for (BsonDocument document : documents(batch, letters))
            documents.replaceOne(
                    new BsonDocument("_id", document.get("_id")), document, new ReplaceOptions().upsert(true));
    }

    /** What is too large for a document, and refused for that, is kept in parts; they come before the letter itself. */
    private static List<BsonDocument> documents(Batch batch, List<Kept> letters) {
        List<BsonDocument> all = new ArrayList<>();
        for (Kept kept : letters) {
            BsonDocument document = document(batch, kept);
            byte[] payload = payload(kept.letter());
            if (payload.length <= PART_BYTES) document.append("payload", new BsonBinary(payload));
            else all.addAll(parts(document.getString("_id").getValue(), payload));
            all.add(document);
        }
        return all;
    }

    private static byte[] payload(DeadLetter letter) {
        return MutationCodec.encode(new MutationCodec.Mutation(letter.table(), letter.key(), letter.stage()))
                .toArray();
    }

    private static List<BsonDocument> parts(String letter, byte[] payload) {
        List<BsonDocument> parts = new ArrayList<>();
        for (int at = 0; at < payload.length; at += PART_BYTES) {
            byte[] content = Arrays.copyOfRange(payload, at, Math.min(payload.length, at + PART_BYTES));
            parts.add(new BsonDocument("_id", new BsonString(letter + "/" + parts.size()))
                    .append("partOf", new BsonString(letter))
                    .append("part", new BsonInt32(parts.size()))
                    .append("payload", new BsonBinary(content)));
        }
        return parts;
    }

    private static BsonDocument document(Batch batch, Kept kept) {
        DeadLetter letter = kept.letter();
        Bytes key = (Bytes) Objects.requireNonNull(letter.key()).values().get(0);
        String name = Watermarks.name(batch.journal(), batch.partition());
        return new BsonDocument("_id", new BsonString(name + "/" + batch.id() + "/" + letter.ordinal()))
                .append("journal", new BsonString(batch.journal().toString()))
                .append("partition", new BsonInt32(batch.partition()))
                .append("batch", new BsonString(batch.id().toString()))
                .append("ordinal", new BsonInt32(letter.ordinal()))
                .append("writes", new BsonInt32(kept.writes()))
                .append("from", new BsonInt64(batch.from()))
                .append("to", new BsonInt64(batch.to()))
                .append("collection", new BsonString(letter.table()))
                .append("key", BsonAlgebra.id(key))
                .append("state", new BsonString(letter.state()))
                .append("message", new BsonString(letter.message()))
                .append("createdAt", new BsonDateTime(Instant.now().toEpochMilli()))
                .append("attempts", new BsonInt32(1));
    }

    /** What was refused of a batch, in order. */
    List<Kept> of(Batch batch) {
        BsonDocument filter = ofPartition(batch.journal(), batch.partition())
                .append("batch", new BsonString(batch.id().toString()));
        List<Kept> letters = new ArrayList<>();
        find(filter)
                .forEach(it ->
                        letters.add(new Kept(letter(it), it.getNumber("writes").intValue())));
        return letters;
    }

    /** What was refused of batches of a partition that end above a sequence. */
    List<Refused> above(UUID journal, int partition, long sequence) {
        BsonDocument filter =
                ofPartition(journal, partition).append("to", new BsonDocument("$gt", new BsonInt64(sequence)));
        List<Refused> refused = new ArrayList<>();
        find(filter)
                .forEach(it -> refused.add(new Refused(
                        it.getNumber("from").longValue(), it.getNumber("to").longValue(), letter(it))));
        return refused;
    }

    /**
     * Where a dead letter is.
     *
     * @param id of its document
     */
    record Name(String id, UUID journal) {}

    /** The names of all, oldest first; parts are no letters. */
    List<Name> names() {
        List<Name> names = new ArrayList<>();
        documents
                .find(Filters.exists("journal"))
                .projection(Projections.include("journal"))
                .sort(Sorts.ascending("createdAt", "journal", "partition", "to", "ordinal"))
                .forEach(it -> names.add(new Name(
                        it.getString("_id").getValue(),
                        UUID.fromString(it.getString("journal").getValue()))));
        return names;
    }

    @Nullable
    Stored get(String id) {
        BsonDocument found = documents.find(byId(id)).first();
        return found == null ? null : stored(found);
    }

    /** Makes every letter of a journal one that is in {@code before}'s place, refused once more; false if there is none. */
    boolean replace(Stored before, UUID journal) {
        DeadLetterStore.Entry entry = before.entry();
        BsonDocument place = new BsonDocument(
                        "journal", new BsonString(entry.journal().toString()))
                .append("partition", new BsonInt32(entry.partition()))
                .append("batch", new BsonString(entry.batch().toString()))
                .append("from", new BsonInt64(before.from()))
                .append("to", new BsonInt64(before.to()))
                .append("createdAt", new BsonDateTime(entry.created().toEpochMilli()))
                .append("attempts", new BsonInt32(entry.attempts() + 1));
        return documents
                        .updateMany(
                                new BsonDocument("journal", new BsonString(journal.toString())),
                                new BsonDocument("$set", place))
                        .getMatchedCount()
                > 0;
    }

    /** Deletes a letter, and then its parts: without it they are nothing. */
    void delete(String id) {
        documents.deleteOne(byId(id));
        documents.deleteMany(new BsonDocument("partOf", new BsonString(id)));
    }

    private static BsonDocument byId(String id) {
        return new BsonDocument("_id", new BsonString(id));
    }

    private Stored stored(BsonDocument document) {
        return new Stored(
                document.getString("_id").getValue(),
                document.getNumber("from").longValue(),
                document.getNumber("to").longValue(),
                new DeadLetterStore.Entry(
                        UUID.fromString(document.getString("journal").getValue()),
                        document.getNumber("partition").intValue(),
                        UUID.fromString(document.getString("batch").getValue()),
                        letter(document),
                        Instant.ofEpochMilli(document.getDateTime("createdAt").getValue()),
                        document.getNumber("attempts", new BsonInt32(1)).intValue()));
    }

    private FindIterable<BsonDocument> find(BsonDocument filter) {
        return documents.find(filter).sort(Sorts.ascending("to", "ordinal"));
    }

    private static BsonDocument ofPartition(UUID journal, int partition) {
        return new BsonDocument("journal", new BsonString(journal.toString()))
                .append("partition", new BsonInt32(partition));
    }

    private DeadLetter letter(BsonDocument document) {
        MutationCodec.Mutation mutation = MutationCodec.decode(Bytes.copyOf(payload(document)));
        return new DeadLetter(
                document.getNumber("ordinal").intValue(),
                mutation.table(),
                mutation.key(),
                mutation.stage(),
                document.getString("state").getValue(),
                document.getString("message").getValue());
    }

    private byte[] payload(BsonDocument letter) {
        if (letter.containsKey("payload")) return letter.getBinary("payload").getData();
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        documents
                .find(new BsonDocument("partOf", letter.get("_id")))
                .sort(Sorts.ascending("part"))
                .forEach(part -> payload.writeBytes(part.getBinary("payload").getData()));
        return payload.toByteArray();
    }
}
