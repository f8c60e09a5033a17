package io.forebay.benchmarks;

import java.util.List;

/**
 * Counters that are waiting in memory reach a MongoDB: through Forebay, beside bare {@code bulkWrite}. The server is the one that the
 * environment variable {@code FOREBAY_MONGODB_URI} names; others that speak its protocol look through all documents for each write
 * with a fence, or never answer a command with a hundred updates.
 */
final class MongoFlush {
    private static final String SERVER = "FOREBAY_MONGODB_URI";
    private static final List<Integer> BATCHES = List.of(100, 1_000, 10_000);

    private final boolean quick;
    private final Results results = new Results("mongodb");

    MongoFlush(boolean quick) {
        this.quick = quick;
    }

    void run() {
        String server = System.getenv(SERVER);
        if (server == null)
            throw new IllegalStateException("set %s to a MongoDB: mongodb://…/?replicaSet=…".formatted(SERVER));
        int rows = quick ? 20_000 : 100_000;
        FlushTable table = new FlushTable(MongoFlushChild.class, server, results, quick);
        System.out.printf("### Counters: %s documents, each once%n%n", MarkdownTable.exact(rows));
        System.out.println(table.table(
                "counters ",
                List.of(MongoContender.BULK_WRITE, MongoContender.FOREBAY),
                quick ? List.of(1_000) : BATCHES,
                rows));
        System.out.println(table.single("counters ", MongoContender.SINGLE, rows / 50));
        if (!quick) results.write();
    }
}
