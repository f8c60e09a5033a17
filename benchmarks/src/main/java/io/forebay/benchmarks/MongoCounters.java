package io.forebay.benchmarks;

import com.mongodb.WriteConcern;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import java.util.List;
import java.util.stream.LongStream;
import org.bson.BsonDocument;
import org.bson.BsonInt64;
import org.bson.BsonString;

/** The collection of the measurements, the same for every contender, written as durably as Forebay does. */
final class MongoCounters implements FlushRun.Target {
    static final String DATABASE = "benchmark";
    static final String VALUE = "value";

    private final MongoCollection<BsonDocument> counters;

    MongoCounters(MongoClient client) {
        this.counters = of(client);
    }

    static MongoCollection<BsonDocument> of(MongoClient client) {
        return client.getDatabase(DATABASE)
                .getCollection("counters", BsonDocument.class)
                .withWriteConcern(WriteConcern.MAJORITY.withJournal(true));
    }

    static String key(long id) {
        return "counter-%09d".formatted(id);
    }

    @Override
    public void refill(int rows) {
        counters.drop();
        List<BsonDocument> documents = LongStream.range(0, rows)
                .mapToObj(id -> new BsonDocument("_id", new BsonString(key(id))).append(VALUE, new BsonInt64(0)))
                .toList();
        for (int from = 0; from < rows; from += 1_000)
            counters.insertMany(documents.subList(from, Math.min(rows, from + 1_000)));
    }

    @Override
    public long arrived() {
        return counters.countDocuments(Filters.eq(VALUE, 1));
    }
}
