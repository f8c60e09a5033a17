package io.forebay.jdbc.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.forebay.Forebay;
import io.forebay.Table;
import io.forebay.testkit.crash.CrashHarness;
import io.forebay.testkit.crash.KillPoint;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import javax.sql.DataSource;

/** Dead letters whose cause is mended, and programs that are killed while they replay them. */
final class DeadLetterRun {
    private static final int UPDATES = 30;
    private static final int APPENDS = 15; // fewer than what counts as a schema fault
    private static final int GOOD_ROWS = 200; // the same for the rows
    private static final int MAX_OCCURRENCE = 8;

    private final Random random;
    private final DataSource dataSource;
    private final CrashHarness harness;

    DeadLetterRun(String url, long seed) {
        this.random = new Random(seed);
        this.dataSource = Databases.dataSource(url);
        this.harness = new CrashHarness(DeadLetterReplayMain.class, List.of(url));
    }

    /** Increments of rows that are not there, and appends that a constraint refuses. */
    void refuse(Path journal) {
        Databases.execute(dataSource, "CREATE TABLE letter_row (id bigint PRIMARY KEY, hits bigint)");
        Databases.execute(dataSource, "CREATE TABLE letter_audit (n bigint, CONSTRAINT positive CHECK (n > 0))");
        for (int row = 0; row < GOOD_ROWS; row++)
            Databases.execute(dataSource, "INSERT INTO letter_row VALUES (" + -(row + 1) + ", 0)");
        try (Forebay forebay = Databases.busy(dataSource, journal).build()) {
            Table rows = forebay.table("letter_row");
            Table audit = forebay.table("letter_audit");
            for (int row = 0; row < GOOD_ROWS; row++) rows.row(-(row + 1L)).increment("hits");
            for (int row = 0; row < UPDATES; row++) rows.row((long) row).increment("hits", amount(row));
            for (int n = 0; n < APPENDS; n++) audit.insert(Map.of("n", (long) -n));
            forebay.flushAndWait();
        }
        assertThat(letters()).isEqualTo(UPDATES + APPENDS);
    }

    private static long amount(int row) {
        return 1000L + row;
    }

    void mend() {
        for (int row = 0; row < UPDATES; row++)
            Databases.execute(dataSource, "INSERT INTO letter_row VALUES (" + row + ", 0)");
        Databases.execute(dataSource, "DROP TABLE letter_audit"); // it is empty; not every database drops a constraint
        Databases.execute(dataSource, "CREATE TABLE letter_audit (n bigint)");
    }

    void killAt(KillPoint.Stage stage) {
        harness.runUntil(new KillPoint(stage, 1 + random.nextInt(MAX_OCCURRENCE)));
    }

    void end() {
        harness.runToEnd();
    }

    long letters() {
        return number("SELECT count(*) FROM forebay_dead_letter");
    }

    /** Each is a dead letter or applied as a whole, never both, never twice. */
    void requireEachOnce() {
        int applied = 0;
        for (int row = 0; row < UPDATES; row++) {
            long hits = number("SELECT hits FROM letter_row WHERE id = " + row);
            assertThat(hits).as("row %d, %s", row, harness.history()).isIn(0L, amount(row));
            if (hits != 0) applied++;
        }
        assertThat(number("SELECT count(*) - count(DISTINCT n) FROM letter_audit"))
                .as("%s", harness.history())
                .isZero();
        long appended = number("SELECT count(*) FROM letter_audit");
        assertThat(applied + appended + letters()).as("%s", harness.history()).isEqualTo(UPDATES + APPENDS);
    }

    private long number(String sql) {
        return ((Number) Databases.query(dataSource, sql).get(0).get(0)).longValue();
    }
}
