package io.forebay.jdbc.crash;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** H2 in a file, its commits written at once. */
final class H2CrashTest extends CrashContract {
    private int databases;

    @Override
    String freshDatabase() {
        return "jdbc:h2:file:" + folder.resolve("database" + databases++).toAbsolutePath() + ";WRITE_DELAY=0";
    }

    @Test
    @Override
    void a_kill_at_any_stage_of_a_write_neither_loses_nor_doubles_it() {
        super.a_kill_at_any_stage_of_a_write_neither_loses_nor_doubles_it();
    }

    @Test
    @Tag("slow") // in the short run on the other databases
    @Override
    void a_replay_of_dead_letters_that_is_killed_neither_loses_nor_doubles_one() {
        super.a_replay_of_dead_letters_that_is_killed_neither_loses_nor_doubles_one();
    }
}
