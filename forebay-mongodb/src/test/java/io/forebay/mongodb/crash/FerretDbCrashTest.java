package io.forebay.mongodb.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import io.forebay.testkit.crash.CrashHarness;
import io.forebay.testkit.crash.CrashReport;
import io.forebay.testkit.crash.CrashTables;
import io.forebay.testkit.crash.CrashWorkload;
import io.forebay.testkit.crash.KillPoint;
import io.forebay.testservers.FerretDbServer;
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
 * Rule T: killed at any instant and started again, a server of its own process, without transactions, ends with what the
 * parent read as acknowledged. {@code -Dforebay.crash.rounds} sets the number of random kills of the slow form, {@code
 * -Dforebay.crash.seed} the seed.
 */
class FerretDbCrashTest {
    private static final int ROUNDS = Integer.getInteger("forebay.crash.rounds", 20);
    private static final int MOST_COMMANDS = 60;
    private static final String DATABASE = "crash";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    private final long seed = Long.getLong("forebay.crash.seed", System.nanoTime() >>> 10);
    private final Random random = new Random(seed);
    private final CrashWorkload workload = new CrashWorkload(seed).ofDocuments();
    private FerretDbServer server;
    private MongoClient client;
    private CrashHarness harness;

    @BeforeEach
    void start() {
        assumeTrue(
                FerretDbServer.problem().isEmpty(),
                () -> FerretDbServer.problem().orElseThrow());
        server = FerretDbServer.create();
        client = MongoClients.create(server.uri());
        for (long id = 0; id < CrashTables.HOT_ROWS; id++)
            database().getCollection("crash_hot").insertOne(new Document("_id", id));
        harness = new CrashHarness(
                CrashMain.class,
                List.of(server.uri(), DATABASE, folder.resolve("journal").toString(), Long.toString(seed)));
    }

    @AfterEach
    void stop() {
        if (server == null) return;
        client.close();
        server.close();
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

    @Test
    @Tag("slow")
    void a_server_that_is_killed_and_started_again_neither_loses_nor_doubles_a_write() {
        killAt(KillPoint.Stage.MID_BATCH);
        harness.runToEnd(server::restart);

        requireExact();
    }

    private void killAt(KillPoint.Stage stage) {
        harness.runUntil(new KillPoint(stage, 1 + random.nextInt(MOST_COMMANDS)));
        require(workload.compareFlushed(found(), harness.account()));
    }

    private void requireExact() {
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
