package io.forebay.mongodb.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.forebay.testkit.crash.CrashHarness;
import io.forebay.testkit.crash.CrashReport;
import io.forebay.testkit.crash.CrashTables;
import io.forebay.testkit.crash.CrashWorkload;
import io.forebay.testkit.crash.KillPoint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rule T: a program that is killed at any instant and started again leaves in the database what the parent read as acknowledged.
 * {@code -Dforebay.crash.rounds} sets the number of random kills of the slow form, {@code -Dforebay.crash.seed} the seed.
 */
abstract class MongoCrashContract {
    private static final int ROUNDS = Integer.getInteger("forebay.crash.rounds", 20);
    private static final int MOST_COMMANDS = 60;
    private static final String DATABASE = "forebay_crash";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private final long seed = Long.getLong("forebay.crash.seed", System.nanoTime() >>> 10);
    private final Random random = new Random(seed);
    private final CrashWorkload workload = new CrashWorkload(seed).ofDocuments();
    private MongoClient client;
    CrashHarness harness;

    /** The server under test; {@link #start} was not called yet. */
    abstract String uri();

    @BeforeEach
    void start() {
        client = MongoClients.create(uri());
        database().drop();
        for (long id = 0; id < CrashTables.HOT_ROWS; id++)
            database().getCollection("crash_hot").insertOne(new Document("_id", id));
        harness = new CrashHarness(
                CrashMain.class,
                List.of(uri(), DATABASE, folder.resolve("journal").toString(), Long.toString(seed)));
    }

    @AfterEach
    void disconnect() {
        if (client != null) client.close();
    }

    @Test
    void a_kill_in_the_middle_of_a_batch_neither_loses_nor_doubles_a_write() {
        for (int i = 0; i < 2; i++) killAt(KillPoint.Stage.MID_BATCH);
        harness.runToEnd();

        requireExact();
    }

    @Test
    @Tag("slow")
    void a_kill_at_any_instant_neither_loses_nor_doubles_a_write() {
        for (KillPoint.Stage stage : List.of(
                KillPoint.Stage.APPENDED, KillPoint.Stage.FORCED, KillPoint.Stage.SEALED, KillPoint.Stage.FLUSHED))
            killAt(stage);
        for (int i = 0; i < ROUNDS; i++) killAt(KillPoint.Stage.MID_BATCH);
        harness.runToEnd();

        requireExact();
    }

    void killAt(KillPoint.Stage stage) {
        harness.runUntil(new KillPoint(stage, 1 + random.nextInt(MOST_COMMANDS)));
        require(workload.compareFlushed(found(), harness.account()));
    }

    void requireExact() {
        CrashReport report = workload.compare(found(), harness.account());
        System.out.printf(
                "seed=%d kills=%d acknowledged=%d %s%n",
                seed, harness.kills(), harness.account().acknowledged(), report);
        require(report);
        assertThat(harness.account().acknowledged()).isPositive();
        assertThat(database().getCollection("forebay_intent").countDocuments()).isZero();
    }

    private void require(CrashReport report) {
        assertThat(report.isExact())
                .as("seed=%d %s%n%s", seed, report, harness.history())
                .isTrue();
    }

    private CrashTables found() {
        return new CrashTables(
                all("crash_row"),
                all("crash_audit"),
                all("crash_hot"),
                database().getCollection("forebay_dead_letter").countDocuments());
    }

    private List<Map<String, Object>> all(String collection) {
        List<Map<String, Object>> rows = new ArrayList<>();
        for (Document document : database().getCollection(collection).find()) {
            Map<String, Object> row = new HashMap<>(document);
            row.put("id", row.remove("_id"));
            rows.add(row);
        }
        return rows;
    }

    private MongoDatabase database() {
        return client.getDatabase(DATABASE);
    }
}
