package io.forebay.jdbc.crash;

/** SQLite in a file with a rollback journal, which a kill leaves hot. */
class SqliteCrashTest extends CrashContract {
    private int databases;

    @Override
    String freshDatabase() {
        return "jdbc:sqlite:" + folder.resolve("database" + databases++).toAbsolutePath() + "?journal_mode="
                + journalMode();
    }

    String journalMode() {
        return "DELETE";
    }
}
