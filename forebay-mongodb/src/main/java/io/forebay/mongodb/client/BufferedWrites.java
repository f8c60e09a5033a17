package io.forebay.mongodb.client;

import com.mongodb.MongoBulkWriteException;
import com.mongodb.MongoWriteException;
import com.mongodb.ServerAddress;
import com.mongodb.WriteError;
import com.mongodb.bulk.BulkWriteError;
import com.mongodb.bulk.BulkWriteInsert;
import com.mongodb.bulk.BulkWriteResult;
import com.mongodb.client.result.InsertManyResult;
import com.mongodb.client.result.InsertOneResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.bson.BsonDocument;
import org.bson.BsonValue;

/**
 * Writes that were handed to the buffer together, and what the caller is told of them: ids of inserted documents; of the rest,
 * whose fate the server alone decides, that they are not acknowledged.
 */
final class BufferedWrites {
    private static final int DUPLICATE_KEY = 11_000;
    static final ServerAddress BUFFER = new ServerAddress("forebay-buffer");

    private final List<BufferedWrite> writes;

    BufferedWrites(List<BufferedWrite> writes) {
        this.writes = writes;
    }

    private boolean areInserts() {
        return writes.stream().allMatch(write -> write instanceof BufferedWrite.Insert);
    }

    /**
     * Hands them to the buffer, in their order.
     *
     * @param ordered whether those behind one that is refused are left out
     * @param waits whether to wait until they are as durable as the options ask for
     * @throws MongoWriteException if the only one inserts a key that is pending as an insert
     * @throws MongoBulkWriteException if one of several does
     */
    void handTo(BufferedCollection collection, boolean ordered, boolean waits, boolean single) {
        SortedMap<Integer, String> duplicates = collection.write(writes, ordered, waits);
        if (duplicates.isEmpty()) return;
        if (single) throw duplicate(duplicates.values().iterator().next());
        Set<Integer> notWritten = new HashSet<>(duplicates.keySet());
        if (ordered) for (int i = duplicates.firstKey(); i < writes.size(); i++) notWritten.add(i);
        throw duplicates(duplicates, notWritten);
    }

    InsertOneResult insertOneResult(boolean acknowledged) {
        if (!acknowledged) return InsertOneResult.unacknowledged();
        return InsertOneResult.acknowledged(inserts(Set.of()).get(0).getId());
    }

    InsertManyResult insertManyResult(boolean acknowledged) {
        if (!acknowledged) return InsertManyResult.unacknowledged();
        Map<Integer, BsonValue> ids = new HashMap<>();
        for (BulkWriteInsert insert : inserts(Set.of())) ids.put(insert.getIndex(), insert.getId());
        return InsertManyResult.acknowledged(ids);
    }

    BulkWriteResult bulkResult(boolean acknowledged) {
        return acknowledged && areInserts() ? inserted(Set.of()) : BulkWriteResult.unacknowledged();
    }

    private BulkWriteResult inserted(Set<Integer> without) {
        List<BulkWriteInsert> inserts = inserts(without);
        return BulkWriteResult.acknowledged(inserts.size(), 0, 0, 0, List.of(), inserts);
    }

    private List<BulkWriteInsert> inserts(Set<Integer> without) {
        List<BulkWriteInsert> inserts = new ArrayList<>();
        for (int i = 0; i < writes.size(); i++)
            if (!without.contains(i) && writes.get(i) instanceof BufferedWrite.Insert insert)
                inserts.add(new BulkWriteInsert(i, insert.id()));
        return inserts;
    }

    /** What the server would throw for a single insert of a key that is taken. */
    private static MongoWriteException duplicate(String message) {
        return new MongoWriteException(
                new WriteError(DUPLICATE_KEY, "E11000 duplicate key: " + message, new BsonDocument()),
                BUFFER,
                Set.of());
    }

    /** What the server would throw for several writes of which some insert a key that is taken. */
    private MongoBulkWriteException duplicates(Map<Integer, String> messages, Set<Integer> notWritten) {
        List<BulkWriteError> errors = new ArrayList<>();
        messages.forEach((index, message) -> errors.add(
                new BulkWriteError(DUPLICATE_KEY, "E11000 duplicate key: " + message, new BsonDocument(), index)));
        return new MongoBulkWriteException(inserted(notWritten), errors, null, BUFFER, Set.of());
    }
}
