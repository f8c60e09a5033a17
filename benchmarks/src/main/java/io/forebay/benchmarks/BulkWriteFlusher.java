package io.forebay.benchmarks;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.BulkWriteOptions;
import com.mongodb.client.model.Filters;
import com.mongodb.client.model.UpdateOneModel;
import com.mongodb.client.model.Updates;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bson.BsonDocument;

/** What one writes by hand: a map of sums, drained into bulks of increments; a bulk of one is a plain update. */
final class BulkWriteFlusher implements Flusher {
    private static final BulkWriteOptions UNORDERED = new BulkWriteOptions().ordered(false);

    private final MongoCollection<BsonDocument> counters;
    private final int batchRows;
    private final Map<Long, Long> pending = new HashMap<>();

    BulkWriteFlusher(MongoCollection<BsonDocument> counters, int batchRows) {
        this.counters = counters;
        this.batchRows = batchRows;
    }

    @Override
    public void fill(int rows) {
        for (long id = 0; id < rows; id++) pending.merge(id, 1L, Long::sum);
    }

    @Override
    public void flush() {
        List<UpdateOneModel<BsonDocument>> updates = new ArrayList<>(pending.size());
        pending.forEach((id, sum) -> updates.add(
                new UpdateOneModel<>(Filters.eq("_id", MongoCounters.key(id)), Updates.inc(MongoCounters.VALUE, sum))));
        for (int from = 0; from < updates.size(); from += batchRows)
            send(updates.subList(from, Math.min(updates.size(), from + batchRows)));
        pending.clear();
    }

    private void send(List<UpdateOneModel<BsonDocument>> updates) {
        long matched = updates.size() == 1
                ? counters.updateOne(updates.get(0).getFilter(), updates.get(0).getUpdate())
                        .getMatchedCount()
                : counters.bulkWrite(updates, UNORDERED).getMatchedCount();
        if (matched != updates.size()) throw new IllegalStateException(matched + " of " + updates.size() + " matched");
    }

    @Override
    public double rowsPerBatch() {
        return batchRows;
    }

    @Override
    public void close() {
        // the client is the caller's
    }
}
