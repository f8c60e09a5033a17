package io.forebay.mongodb;

import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.FindOneAndUpdateOptions;
import com.mongodb.client.model.ReturnDocument;
import com.mongodb.client.model.Sorts;
import com.mongodb.client.model.UpdateOptions;
import io.forebay.spi.Batch;
import io.forebay.spi.FencedException;
import io.forebay.spi.MismatchException;
import io.forebay.spi.TransientSinkException;
import io.forebay.spi.Watermark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.bson.BsonArray;
import org.bson.BsonDateTime;
import org.bson.BsonDocument;
import org.bson.BsonInt32;
import org.bson.BsonInt64;
import org.bson.BsonNull;
import org.bson.BsonString;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/** The documents of {@code forebay_watermark}: one per journal and partition, with epoch, sequence, batch and intent. */
final class Watermarks {
    static final String COLLECTION = "forebay_watermark";
    private static final int EPOCH_BITS = 48; // far from where a number of its own would end

    private final MongoCollection<BsonDocument> documents;

    Watermarks(MongoDatabase database) {
        this.documents = database.getCollection(COLLECTION, BsonDocument.class);
    }

    /**
     * A watermark's document.
     *
     * @param intent id of the batch that is being written without a transaction, or null
     */
    record State(
            Watermark watermark, int partitions, @Nullable UUID intent) {
        private static State of(BsonDocument document) {
            return new State(
                    new Watermark(
                            document.getNumber("epoch").longValue(),
                            document.getNumber("sequence").longValue(),
                            uuid(document.get("batch"))),
                    document.getNumber("partitions").intValue(),
                    uuid(document.get("intent")));
        }

        private static @Nullable UUID uuid(@Nullable BsonValue value) {
            return value == null || value.isNull()
                    ? null
                    : UUID.fromString(value.asString().getValue());
        }
    }

    /** How a journal's partition is named in keys. */
    static String name(UUID journal, int partition) {
        return journal + "/" + partition;
    }

    private static BsonDocument byName(UUID journal, int partition) {
        return new BsonDocument("_id", new BsonString(name(journal, partition)));
    }

    /** Where a batch begins, if its owner still is the owner. */
    private static BsonDocument before(Batch batch) {
        return byName(batch.journal(), batch.partition())
                .append("epoch", new BsonInt64(batch.epoch()))
                .append("sequence", new BsonInt64(batch.from()));
    }

    private static BsonDocument set(BsonDocument fields) {
        fields.append("updatedAt", new BsonDateTime(Instant.now().toEpochMilli()));
        return new BsonDocument("$set", fields);
    }

    private static BsonDocument after(Batch batch) {
        return set(new BsonDocument("sequence", new BsonInt64(batch.to()))
                .append("batch", new BsonString(batch.id().toString()))
                .append("intent", BsonNull.VALUE));
    }

    /** Makes a watermark at zero; one that is there stays as it is. */
    void create(UUID journal, int partition, int partitions) {
        create(journal, partition, partitions, 0);
    }

    /**
     * The same for a journal that may be forgotten and made again: its only partition begins at an epoch that it never had, so that
     * an owner of before stays fenced.
     */
    void createAnew(UUID journal) {
        create(journal, 0, 1, ThreadLocalRandom.current().nextLong(1L << EPOCH_BITS));
    }

    private void create(UUID journal, int partition, int partitions, long epoch) {
        BsonDocument fields = new BsonDocument("journal", new BsonString(journal.toString()))
                .append("partition", new BsonInt32(partition))
                .append("partitions", new BsonInt32(partitions))
                .append("epoch", new BsonInt64(epoch))
                .append("sequence", new BsonInt64(0))
                .append("batch", BsonNull.VALUE)
                .append("intent", BsonNull.VALUE);
        documents.updateOne(
                byName(journal, partition), new BsonDocument("$setOnInsert", fields), new UpdateOptions().upsert(true));
    }

    /** Forgets a journal's partition, if its owner still is the owner. */
    void delete(UUID journal, int partition, long epoch) {
        documents.deleteOne(byName(journal, partition).append("epoch", new BsonInt64(epoch)));
    }

    /** Whether a batch of a partition is applied; so it is if the partition is not known any more. */
    boolean isApplied(UUID journal, int partition, long to) {
        BsonDocument found = documents.find(byName(journal, partition)).first();
        return found == null || State.of(found).watermark().sequence() >= to;
    }

    /** Raises the epoch; only then is the watermark read. */
    State take(UUID journal, int partition) {
        BsonDocument taken = documents.findOneAndUpdate(
                byName(journal, partition),
                set(new BsonDocument()).append("$inc", new BsonDocument("epoch", new BsonInt64(1))),
                new FindOneAndUpdateOptions().returnDocument(ReturnDocument.AFTER));
        if (taken == null) throw missing(journal, partition);
        return State.of(taken);
    }

    State read(UUID journal, int partition) {
        return state(documents.find(byName(journal, partition)).first(), journal, partition);
    }

    State read(ClientSession session, UUID journal, int partition) {
        return state(documents.find(session, byName(journal, partition)).first(), journal, partition);
    }

    private static State state(@Nullable BsonDocument found, UUID journal, int partition) {
        if (found == null) throw missing(journal, partition);
        return State.of(found);
    }

    /** Those of all partitions, in order. */
    List<State> all(UUID journal) {
        List<State> states = new ArrayList<>();
        documents
                .find(new BsonDocument("journal", new BsonString(journal.toString())))
                .sort(Sorts.ascending("partition"))
                .forEach(document -> states.add(State.of(document)));
        return states;
    }

    /** Moves the watermark as the first thing of a transaction; false if it is not where the batch begins. */
    boolean advance(ClientSession session, Batch batch) {
        BsonDocument untouched = before(batch).append("intent", BsonNull.VALUE);
        return documents.updateOne(session, untouched, after(batch)).getMatchedCount() == 1;
    }

    /** Announces a batch that is written without a transaction; false if the watermark is not where it begins. */
    boolean intend(Batch batch) {
        BsonString id = new BsonString(batch.id().toString());
        BsonDocument free =
                before(batch).append("intent", new BsonDocument("$in", new BsonArray(List.of(BsonNull.VALUE, id))));
        return documents.updateOne(free, set(new BsonDocument("intent", id))).getMatchedCount() == 1;
    }

    /** Moves the watermark when all of an announced batch is written; false if another owner did, or is the owner. */
    boolean conclude(Batch batch) {
        BsonDocument announced =
                before(batch).append("intent", new BsonString(batch.id().toString()));
        return documents.updateOne(announced, after(batch)).getMatchedCount() == 1;
    }

    /** Why one of these was false. Returns if the batch is applied already. */
    void requireApplied(Batch batch) {
        State state = read(batch.journal(), batch.partition());
        Watermark found = state.watermark();
        if (found.epoch() > batch.epoch())
            throw new FencedException(
                    "partition %d of journal %s has a newer owner: epoch %d, this one is %d"
                            .formatted(batch.partition(), batch.journal(), found.epoch(), batch.epoch()),
                    null);
        if (found.epoch() == batch.epoch()
                && found.sequence() == batch.to()
                && batch.id().equals(found.batch())) return;
        if (found.epoch() == batch.epoch() && found.sequence() == batch.from() && state.intent() == null)
            throw new TransientSinkException(
                    "the watermark of partition %d is being changed".formatted(batch.partition()), null);
        throw new MismatchException(
                "partition %d of journal %s: the database is at epoch %d, sequence %d, batch %s, intent %s; batch %s goes from %d to %d in epoch %d"
                        .formatted(
                                batch.partition(),
                                batch.journal(),
                                found.epoch(),
                                found.sequence(),
                                found.batch(),
                                state.intent(),
                                batch.id(),
                                batch.from(),
                                batch.to(),
                                batch.epoch()),
                null);
    }

    static MismatchException missing(UUID journal, int partition) {
        return new MismatchException(
                "the database has no watermark for partition " + partition + " of journal " + journal
                        + ": it is another database, or an older copy of it",
                null);
    }
}
