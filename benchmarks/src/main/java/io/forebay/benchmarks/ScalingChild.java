package io.forebay.benchmarks;

import io.forebay.Ack;
import io.forebay.Forebay;
import io.forebay.Table;
import java.nio.file.Path;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;

/** One flusher of {@link Scaling}: warms up, waits for the start, and flushes until it is killed. */
final class ScalingChild {
    private static final int WARMING_ROWS = 200_000;

    private ScalingChild() {}

    /** Server, its address, name of the buffer, URL of the database. */
    public static void main(String[] arguments) throws InterruptedException {
        SharedServer server = SharedServer.valueOf(arguments[0]);
        try (BenchmarkDatabase database = new BenchmarkDatabase(arguments[3])) {
            warmUp(database);
            Fork.report("ready", 1);
            awaitStart(database);
            try (Forebay forebay = Forebay.builder()
                    .database(arguments[2], database.dataSource())
                    .driver(server.driver(arguments[1]))
                    .build()) {
                forebay.table("counters");
                new CountDownLatch(1).await();
            }
        }
    }

    /** The same way into the database, from a journal of its own. */
    private static void warmUp(BenchmarkDatabase database) {
        Path journal = Folders.create();
        try (Forebay forebay = Forebay.builder()
                .database(database.dataSource())
                .journal(journal)
                .createTables()
                .build()) {
            Table stamps = forebay.table("stamps");
            Ack last = stamps.row(0L).increment("seen");
            for (long id = 1; id < WARMING_ROWS; id++) last = stamps.row(id).increment("seen");
            last.await();
            forebay.flushAndWait();
        }
        Folders.delete(journal);
    }

    private static void awaitStart(BenchmarkDatabase database) {
        database.run(connection -> {
            try (Statement statement = connection.createStatement()) {
                return statement.execute("SELECT pg_advisory_lock_shared(%d)".formatted(Scaling.START));
            }
        });
    }
}
