package io.forebay.mongodb;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoCommandException;
import com.mongodb.bulk.BulkWriteResult;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Filters;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Bytes;
import io.forebay.spi.TransientSinkException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bson.BsonDocument;
import org.bson.BsonInvalidOperationException;
import org.bson.BsonValue;
import org.jspecify.annotations.Nullable;

/**
 * Applies one batch without a transaction: the intent, then the writes, level by level, each filtered by the fence of its
 * document; the dead letters of a level before the next one; and the watermark at the end. What was done before is found
 * done, so it may be begun anew at any point, by this owner or the next.
 *
 * <p>A level goes out as one unordered bulk per collection. If the reply is not as it has to be when all was done, the
 * documents' fences say what was, and the rest goes out write by write: nothing depends on how well a server reports what
 * happened inside of a bulk.
 */
final class FencedFlush {
    private static final int FIND_MOST = 1000;
    private static final int TRIES = 5;
    private static final BulkWriteOptions UNORDERED = new BulkWriteOptions().ordered(false);

    private final MongoDatabase database;
    private final Server server;
    private final Batch batch;
    private final Runnable checkpoint;
    private final Watermarks watermarks;
    private final DeadLetters deadLetters;
    private final Intents intents;
    private final Account account;
    private final Fence fence;

    private final Map<Integer, DeadLetters.Kept> known = new HashMap<>();
    private final Map<RowWork, Refusal> parked = new HashMap<>();
    private boolean begunBefore;
    private int lettersKept;
    private int steps;

    /** What became of a write. */
    private enum Done {
        YES,
        NO,
        MISSING
    }

    /** @param checkpoint called before every level; throws if the flush is to stop */
    FencedFlush(MongoDatabase database, Server server, Batch batch, Runnable checkpoint) {
        this.database = database;
        this.server = server;
        this.batch = batch;
        this.checkpoint = checkpoint;
        this.watermarks = new Watermarks(database);
        this.deadLetters = new DeadLetters(database);
        this.intents = new Intents(database);
        this.account = new Account(batch);
        this.fence = new Fence(Watermarks.name(batch.journal(), batch.partition()), batch.to());
    }

    BatchResult run() {
        begunBefore = intents.put(batch);
        if (watermarks.intend(batch)) return write();

        watermarks.requireApplied(batch);
        intents.delete(batch);
        return Account.alreadyApplied(deadLetters.of(batch));
    }

    /** Does what an older owner has left to do of a batch. */
    void finish() {
        begunBefore = true;
        write();
    }

    private BatchResult write() {
        if (begunBefore)
            for (DeadLetters.Kept kept : deadLetters.of(batch))
                known.put(kept.letter().ordinal(), kept);

        List<RowWork> waiting = pass(RowWork.of(batch));
        while (!waiting.isEmpty()) waiting = retry(waiting);

        if (!watermarks.conclude(batch)) watermarks.requireApplied(batch);
        intents.delete(batch);
        return account.result();
    }

    /** Brings every row as far as it gets; returns those that were refused on the way. */
    private List<RowWork> pass(List<RowWork> rows) {
        parked.clear();
        List<RowWork> active = open(rows);
        while (!active.isEmpty()) {
            checkpoint.run();
            RowWork.byCollection(active).forEach(this::writeLevel);
            keepLetters();
            active =
                    open(active.stream().filter(row -> !parked.containsKey(row)).toList());
        }
        return rows.stream().filter(parked::containsKey).toList();
    }

    /** What they collide with may be gone by now; if none of them gets any further, it will not go. */
    private List<RowWork> retry(List<RowWork> waiting) {
        int before = steps;
        List<RowWork> still = pass(waiting);
        if (steps > before) return still;

        parked.forEach(account::refused);
        account.refuseFault();
        keepLetters();
        return open(still);
    }

    /** Those that have something to do, after what is known to be refused. */
    private List<RowWork> open(List<RowWork> rows) {
        List<RowWork> open = new ArrayList<>();
        for (RowWork row : rows) {
            while (!row.isDone() && known.containsKey(row.write().ordinal()))
                account.known(row, known.get(row.write().ordinal()));
            if (!row.isDone()) open.add(row);
        }
        return open;
    }

    /** Before anything that comes behind it is written: a later attempt could not tell any more what was refused. */
    private void keepLetters() {
        List<DeadLetters.Kept> letters = account.letters();
        deadLetters.put(batch, letters.subList(lettersKept, letters.size()));
        lettersKept = letters.size();
    }

    private void writeLevel(String name, List<RowWork> rows) {
        MongoCollection<BsonDocument> collection = database.getCollection(name, BsonDocument.class);
        List<RowWork> open = begunBefore ? settle(collection, rows) : rows;
        List<RowWork> fitting = open.stream().filter(this::fits).toList();
        if (fitting.isEmpty()) return;

        if (sendTogether(collection, fitting)) fitting.forEach(this::advance);
        else for (RowWork row : settle(collection, fitting)) sendAlone(collection, row);
    }

    private boolean fits(RowWork row) {
        Refusal tooLarge = server.tooLarge(row.write());
        if (tooLarge != null) parked.put(row, tooLarge);
        return tooLarge == null;
    }

    private void advance(RowWork row) {
        row.advance();
        steps++;
    }

    /** Returns whether all of it was certainly done. */
    private boolean sendTogether(MongoCollection<BsonDocument> collection, List<RowWork> rows) {
        account.sent();
        try {
            BulkWriteResult result = collection.bulkWrite(
                    rows.stream().map(row -> row.write().model(fence)).toList(), UNORDERED);
            return Write.allFound(rows, result);
        } catch (MongoBulkWriteException e) {
            if (Errors.passes(e)) throw e;
            return false;
        } catch (MongoCommandException e) {
            if (Errors.passes(e) || Errors.isOfTheWhole(e.getErrorCode())) throw e;
            return false;
        } catch (BsonInvalidOperationException e) {
            return false; // a reply that is not complete: FerretDB counts nothing where it reports an error
        }
    }

    /** Asks the documents themselves what was done; returns the rows for which nothing was. */
    private List<RowWork> settle(MongoCollection<BsonDocument> collection, List<RowWork> rows) {
        Map<Bytes, BsonDocument> found = find(collection, rows);
        List<RowWork> undone = new ArrayList<>();
        for (RowWork row : rows) {
            Done done = done(row.write(), found.get(row.key()));
            if (!settled(row, done)) undone.add(row);
        }
        return undone;
    }

    private boolean settled(RowWork row, Done done) {
        if (done == Done.YES) advance(row);
        if (done == Done.MISSING) account.missing(row);
        return done != Done.NO;
    }

    private Map<Bytes, BsonDocument> find(MongoCollection<BsonDocument> collection, List<RowWork> rows) {
        Map<Bytes, BsonDocument> found = new HashMap<>();
        for (int from = 0; from < rows.size(); from += FIND_MOST) {
            List<BsonValue> ids = rows.subList(from, Math.min(rows.size(), from + FIND_MOST)).stream()
                    .map(row -> row.write().id())
                    .toList();
            collection
                    .find(Filters.in("_id", ids))
                    .projection(fence.projection())
                    .forEach(document -> found.put(Ids.key(document), document));
            account.sent();
        }
        return found;
    }

    private Done done(Write write, @Nullable BsonDocument document) {
        if (document != null) return fence.isDone(write, document) ? Done.YES : Done.NO;
        if (write.kind() == Write.Kind.DELETE) return Done.YES;
        return write.needsDocument() ? Done.MISSING : Done.NO;
    }

    private void sendAlone(MongoCollection<BsonDocument> collection, RowWork row) {
        for (int tries = 0; tries < TRIES; tries++) {
            Refusal refusal = send(row);
            Done done = done(row.write(), find(collection, List.of(row)).get(row.key()));
            if (settled(row, done)) return;
            if (refusal == null) continue; // another program made or deleted it between the two
            parked.put(row, refusal);
            return;
        }
        throw new TransientSinkException(
                "a document of %s is written by others all the time".formatted(row.collection()), null);
    }

    private @Nullable Refusal send(RowWork row) {
        account.sent();
        BsonDocument command = row.write().command(row.collection(), fence);
        command.append("writeConcern", database.getWriteConcern().asDocument());
        try {
            return refusal(database.runCommand(command, BsonDocument.class));
        } catch (MongoCommandException e) {
            if (Errors.passes(e) || Errors.isOfTheWhole(e.getErrorCode())) throw e;
            return Refusal.of(e.getErrorCode(), e.getErrorMessage());
        }
    }

    private static @Nullable Refusal refusal(BsonDocument reply) {
        if (reply.containsKey("writeConcernError"))
            throw new TransientSinkException(
                    "not written as durably as asked: " + reply.get("writeConcernError"), null);
        if (!reply.containsKey("writeErrors")) return null;
        BsonDocument error = reply.getArray("writeErrors").get(0).asDocument();
        int code = error.getNumber("code").intValue();
        String message = error.getString("errmsg").getValue();
        if (Errors.passes(code)) throw new TransientSinkException(message, null);
        return Refusal.of(code, message);
    }
}
