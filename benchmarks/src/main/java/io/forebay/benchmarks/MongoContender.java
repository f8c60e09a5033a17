package io.forebay.benchmarks;

import com.mongodb.client.MongoClient;
import io.forebay.mongodb.MongoSink;

/** Ways to bring waiting counters into MongoDB. */
enum MongoContender implements FlushTable.Contender {
    BULK_WRITE("bare `bulkWrite`, unordered"),
    FOREBAY("Forebay"),
    SINGLE("bare `updateOne`, one after the other");

    private final String title;

    MongoContender(String title) {
        this.title = title;
    }

    @Override
    public String title() {
        return title;
    }

    /** The contender itself. */
    Flusher open(MongoClient client, int batchRows) {
        return switch (this) {
            case FOREBAY ->
                ForebayFlusher.ofCounters(MongoSink.of(client, MongoCounters.DATABASE), batchRows, MongoCounters::key);
            case BULK_WRITE -> new BulkWriteFlusher(MongoCounters.of(client), batchRows);
            case SINGLE -> new BulkWriteFlusher(MongoCounters.of(client), 1);
        };
    }
}
