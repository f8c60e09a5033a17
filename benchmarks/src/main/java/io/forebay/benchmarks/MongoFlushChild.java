package io.forebay.benchmarks;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;

/** The forked part of {@link MongoFlush}. */
final class MongoFlushChild {
    private MongoFlushChild() {}

    /** URI, contender, documents per batch, documents, iterations to warm up, iterations to measure. */
    public static void main(String[] arguments) {
        int rows = Integer.parseInt(arguments[3]);
        try (MongoClient client = MongoClients.create(arguments[0])) {
            MongoCounters counters = new MongoCounters(client);
            counters.refill(rows);
            MongoContender contender = MongoContender.valueOf(arguments[1]);
            try (Flusher flusher = contender.open(client, Integer.parseInt(arguments[2]))) {
                FlushRun.run(counters, flusher, rows, Integer.parseInt(arguments[4]), Integer.parseInt(arguments[5]));
            }
        }
    }
}
