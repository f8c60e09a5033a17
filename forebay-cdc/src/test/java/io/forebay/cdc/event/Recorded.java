package io.forebay.cdc.event;

import static org.awaitility.Awaitility.await;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * What Debezium's engine made of the changes in a real database.
 *
 * @param all in the order in which they came
 * @param qualifier the schema or database of all tables
 */
record Recorded(List<SourceRecord> all, String qualifier) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Changes that the engine shall see. */
    interface Changes {
        void run() throws Exception;
    }

    /**
     * Runs an engine from a snapshot with a row of {@code users} to a row of {@code end}.
     *
     * @param connector the connector and its database
     * @param offsets a file that is not there
     */
    static Recorded of(Map<String, String> connector, Path offsets, String qualifier, Changes changes)
            throws Exception {
        Recorded recorded = new Recorded(new CopyOnWriteArrayList<>(), qualifier);
        DebeziumEngine<RecordChangeEvent<SourceRecord>> engine = DebeziumEngine.create(
                        ChangeEventFormat.of(Connect.class))
                .using(settings(connector, offsets))
                .notifying(event -> recorded.all.add(event.record()))
                .build();
        Thread running = new Thread(engine, "engine");
        running.start();
        try {
            await().atMost(PATIENCE).until(() -> !recorded.of("users").isEmpty()); // the snapshot has been taken
            changes.run();
            await().atMost(PATIENCE)
                    .until(() -> !recorded.of("end").isEmpty() && recorded.hasTopic("__debezium-heartbeat.server"));
        } finally {
            engine.close();
            running.join();
        }
        return recorded;
    }

    private static Properties settings(Map<String, String> connector, Path offsets) {
        Properties settings = new Properties();
        settings.putAll(connector);
        settings.putAll(Map.of(
                "name", "server",
                "topic.prefix", "server",
                "snapshot.mode", "initial",
                "offset.storage", "org.apache.kafka.connect.storage.FileOffsetBackingStore",
                "offset.storage.file.filename", offsets.toString(),
                "skipped.operations", "none",
                "poll.interval.ms", "10",
                "heartbeat.interval.ms", "100",
                "provide.transaction.metadata", "true"));
        return settings;
    }

    private boolean hasTopic(String topic) {
        return all.stream().anyMatch(record -> record.topic().equals(topic));
    }

    /** Records of a table, tombstones among them. */
    List<SourceRecord> of(String table) {
        return all.stream()
                .filter(record -> record.topic().equals("server." + qualifier + "." + table))
                .toList();
    }

    List<SourceRecord> of(String table, Predicate<String> op) {
        return of(table).stream()
                .filter(record -> record.value() instanceof Struct value && op.test(value.getString("op")))
                .toList();
    }

    /** The first record of the table with that {@code op}. */
    SourceRecord one(String table, String op) {
        return of(table, op::equals).get(0);
    }

    /** Records that are of no table. */
    List<SourceRecord> ofNoTable() {
        return all.stream()
                .filter(record -> !record.topic().startsWith("server." + qualifier + "."))
                .toList();
    }
}
