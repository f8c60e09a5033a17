package io.forebay.mongodb;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoCommandException;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.bulk.BulkWriteResult;
import com.mongodb.client.ClientSession;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.MongoDatabase;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.Projections;
import io.forebay.spi.Batch;
import io.forebay.spi.BatchResult;
import io.forebay.spi.Bytes;
import io.forebay.spi.SchemaFaultException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/**
 * Applies one batch in one transaction: the watermark's compare-and-set, the rows level by level, the dead letters, commit.
 *
 * <p>A server ends the transaction at the first write it refuses, and there are no savepoints. So the batch is begun anew
 * without that write; its row comes last then, one by one with others like it, because what it collides with may be gone by
 * the end. Only when none of them gets any further is the write given up as a dead letter.
 */
final class TransactionFlush {
    /** Nothing may come behind a refused write: the server would answer that the transaction is over, and no more why. */
    private static final BulkWriteOptions ORDERED = new BulkWriteOptions().ordered(true);

    /** An ordered bulk is one command for each run of writes of one kind; deletes come first, and free unique values. */
    private static final Comparator<RowWork> BY_COMMAND =
            Comparator.comparing(row -> row.write().kind().command());

    private final MongoDatabase database;
    private final MongoDatabase inTransaction;
    private final Supplier<ClientSession> sessions;
    private final Batch batch;
    private final Runnable checkpoint;
    private final List<RowWork> rows;

    private final Map<Integer, Refusal> givenUp = new HashMap<>();
    private final List<RowWork> late = new ArrayList<>();
    private final Set<RowWork> stuck = new HashSet<>();
    private final Map<String, Set<RowWork>> refused = new HashMap<>();
    private int mostPassed;
    private boolean oneByOne;
    private Account account;

    /** The transaction is over because the server refused a write. */
    private static final class RefusedException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final transient RowWork row;
        private final transient Refusal refusal;

        RefusedException(RowWork row, Refusal refusal) {
            super(refusal.message(), null, false, false);
            this.row = row;
            this.refusal = refusal;
        }
    }

    /** The transaction is over, and only single writes can tell why. */
    private static final class UnclearException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnclearException(MongoCommandException cause) {
            super(cause);
        }
    }

    /**
     * @param database for what is asked outside of the transaction
     * @param inTransaction the same database without settings of its own, which a transaction does not allow
     * @param sessions begins a session with its transaction
     * @param checkpoint called before every level; throws if the flush is to stop
     */
    TransactionFlush(
            MongoDatabase database,
            MongoDatabase inTransaction,
            Server server,
            Supplier<ClientSession> sessions,
            Batch batch,
            Runnable checkpoint) {
        this.database = database;
        this.inTransaction = inTransaction;
        this.sessions = sessions;
        this.batch = batch;
        this.checkpoint = checkpoint;
        this.rows = RowWork.of(batch);
        this.account = new Account(batch);
        rows.forEach(row -> row.refuseTooLarge(server, givenUp));
    }

    BatchResult run() {
        while (true) {
            try {
                return attempt();
            } catch (RefusedException e) {
                putOff(e.row, e.refusal);
            } catch (UnclearException e) {
                oneByOne = true;
            }
        }
    }

    private BatchResult attempt() {
        account = new Account(batch);
        rows.forEach(RowWork::restart);
        try (ClientSession session = sessions.get()) {
            if (new Watermarks(inTransaction).advance(session, batch)) {
                write(session);
                new DeadLetters(inTransaction).insert(session, batch, account.letters());
                session.commitTransaction();
                return account.result();
            }
        }
        new Watermarks(database).requireApplied(batch);
        return Account.alreadyApplied(new DeadLetters(database).of(batch));
    }

    private void write(ClientSession session) {
        writeLevels(session, rows.stream().filter(row -> !late.contains(row)).toList());
        for (RowWork row : late) writeLevels(session, List.of(row));
    }

    private void writeLevels(ClientSession session, List<RowWork> together) {
        List<RowWork> active = open(together);
        while (!active.isEmpty()) {
            checkpoint.run();
            RowWork.byCollection(active).forEach((name, level) -> writeLevel(session, name, level));
            active = open(active);
        }
    }

    /** Those that have something to do, after what was given up. */
    private List<RowWork> open(List<RowWork> from) {
        List<RowWork> open = new ArrayList<>();
        for (RowWork row : from) {
            while (!row.isDone() && givenUp.containsKey(row.write().ordinal()))
                account.refused(row, givenUp.get(row.write().ordinal()));
            if (!row.isDone()) open.add(row);
        }
        return open;
    }

    private void writeLevel(ClientSession session, String name, List<RowWork> level) {
        MongoCollection<BsonDocument> collection = inTransaction.getCollection(name, BsonDocument.class);
        if (oneByOne) level.forEach(row -> send(session, collection, List.of(row)));
        else send(session, collection, level.stream().sorted(BY_COMMAND).toList());
    }

    private void send(ClientSession session, MongoCollection<BsonDocument> collection, List<RowWork> level) {
        account.sent();
        try {
            BulkWriteResult result = collection.bulkWrite(
                    session, level.stream().map(row -> row.write().model(null)).toList(), ORDERED);
            if (Write.allFound(level, result)) level.forEach(RowWork::advance);
            else noteMissing(session, collection, level);
        } catch (MongoBulkWriteException e) {
            if (Errors.passes(e)) throw e;
            BulkWriteError error = e.getWriteErrors().get(0);
            throw new RefusedException(level.get(error.getIndex()), Refusal.of(error.getCode(), error.getMessage()));
        } catch (MongoCommandException e) {
            if (Errors.passes(e) || Errors.isOfTheWhole(e.getErrorCode())) throw e;
            if (level.size() > 1) throw new UnclearException(e);
            throw new RefusedException(level.get(0), Refusal.of(e.getErrorCode(), e.getErrorMessage()));
        }
    }

    private void noteMissing(ClientSession session, MongoCollection<BsonDocument> collection, List<RowWork> level) {
        List<BsonValue> ids = level.stream().map(row -> row.write().id()).toList();
        Set<Bytes> found = new HashSet<>();
        account.sent();
        collection
                .find(session, Filters.in("_id", ids))
                .projection(Projections.include("_id"))
                .forEach(document -> found.add(Ids.key(document)));
        int missing = 0;
        for (RowWork row : level) {
            if (row.write().needsDocument() && !found.contains(row.key())) {
                account.missing(row);
                missing++;
            } else {
                row.advance();
            }
        }
        if (missing == 0)
            throw new SchemaFaultException(
                    "%s found fewer of %d documents than are there".formatted(collection.getNamespace(), level.size()),
                    null);
    }

    /** Puts a refused row behind all others; gives its write up if it has been there since any of those got further. */
    private void putOff(RowWork row, Refusal refusal) {
        if (!late.contains(row)) {
            late.add(row);
            stuck.clear();
            refused.computeIfAbsent(refusal.state(), state -> new HashSet<>()).add(row);
            Account.refuseFault(batch, refused);
            return;
        }
        int passed = late.indexOf(row);
        if (passed > mostPassed) stuck.clear();
        mostPassed = Math.max(mostPassed, passed);
        if (!stuck.add(row)) givenUp.put(row.write().ordinal(), refusal);
        late.remove(row);
        late.add(row);
    }
}
