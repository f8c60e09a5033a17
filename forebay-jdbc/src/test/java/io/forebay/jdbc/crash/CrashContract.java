package io.forebay.jdbc.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.forebay.Durability;
import io.forebay.JournalAccessException;
import io.forebay.testkit.crash.KillPoint;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rule T: killed at any instant and started again, the database ends with what the parent read as acknowledged. Every run
 * also loses the replies of some COMMITs. {@code -Dforebay.crash.rounds} sets the number of random kills,
 * {@code -Dforebay.crash.results} a file that takes a line for each run, {@code -Dforebay.crash.seed} the first seed.
 */
abstract class CrashContract {
    private static final int ROUNDS = Integer.getInteger("forebay.crash.rounds", 3);
    private static final int ROUNDS_PER_RUN = 10;

    /** Journals, and databases that are files; they stay where they are when a run fails. */
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    Path folder;

    @RegisterExtension
    final AfterTestExecutionCallback evidence =
            context -> context.getExecutionException().ifPresent(failure -> keepEvidence());

    /** The URL of an empty database. */
    abstract String freshDatabase();

    /** Called after a failed run: puts what the database holds into the folder, if it is not there already. */
    void keepDatabase(Path folder) {}

    private void keepEvidence() {
        keepDatabase(folder);
        System.out.println("the files of the failed run are kept in " + folder);
    }

    @Test
    @Tag("slow") // in the short run on PostgreSQL and H2
    void a_kill_at_any_stage_of_a_write_neither_loses_nor_doubles_it() {
        killAtEveryStage(Durability.SYNCED);
    }

    @Test
    @Tag("slow") // in the short run on one database: what an ack means does not depend on which
    void what_is_acknowledged_as_journaled_survives_a_kill() {
        killAtEveryStage(Durability.JOURNALED);
    }

    /** A kill may take acknowledged writes away, from the newest on; never from the middle, nor half a group. */
    @Test
    @Tag("slow")
    void what_is_acknowledged_from_memory_is_never_doubled_halved_or_out_of_order_after_a_kill() {
        killAtEveryStage(Durability.MEMORY);
    }

    private void killAtEveryStage(Durability durability) {
        CrashRun run = new CrashRun(freshDatabase(), folder.resolve("journal"), seed(), durability);

        for (KillPoint.Stage stage : KillPoint.Stage.values()) run.killAt(stage);
        run.end(() -> {});

        run.requireExact();
        assertThat(run.harness().kills()).isEqualTo(KillPoint.Stage.values().length);
        assertThat(run.account().acknowledged()).isPositive();
    }

    @Test
    void a_kill_at_any_instant_neither_loses_nor_doubles_a_write() {
        long seed = seed();
        for (int done = 0; done < ROUNDS; done += ROUNDS_PER_RUN) {
            CrashRun run = new CrashRun(freshDatabase(), folder.resolve("journal" + done), seed + done);

            for (int i = done; i < Math.min(ROUNDS, done + ROUNDS_PER_RUN); i++) run.killAtPointOrSomewhere();
            run.end(() -> {});

            run.requireExact();
        }
    }

    /** Rule D9. */
    @Test
    void a_replay_of_dead_letters_that_is_killed_neither_loses_nor_doubles_one() {
        DeadLetterRun run = new DeadLetterRun(freshDatabase(), seed());
        run.refuse(folder.resolve("journal"));
        run.mend();

        for (KillPoint.Stage stage : KillPoint.Stage.OF_A_TRANSACTION) {
            run.killAt(stage);
            run.requireEachOnce();
        }
        assertThat(run.letters()).isPositive();
        run.end();

        run.requireEachOnce();
        assertThat(run.letters()).isZero();
    }

    @Test
    void a_second_process_on_the_same_journal_is_told_that_it_is_in_use() {
        String url = freshDatabase();
        Path journal = folder.resolve("journal");
        CrashRun run = new CrashRun(url, journal, seed());

        run.end(() -> assertThatThrownBy(
                        () -> Databases.busy(Databases.dataSource(url), journal).build())
                .isInstanceOf(JournalAccessException.class)
                .hasMessageContaining(journal.toString())
                .hasMessageContaining("use"));

        run.requireExact();
    }

    static long seed() {
        return Long.getLong("forebay.crash.seed", System.nanoTime() >>> 10);
    }
}
